// 한국어: 로그아웃하는 화면과 로그아웃한 뒤의 화면.
import type { Messages } from '../../page/messages/en.ts';

export const signOutKo: Messages['signOut'] = {
  title: '로그아웃되었습니다',
  consoles: '이전에 연 콘솔과 발급받은 자격 증명은 만료될 때까지 유효합니다.',
  elsewhere: {
    unasked: '회사 로그인 페이지에는 아직 로그인되어 있을 수 있습니다. 완전히 로그아웃하려면 브라우저를 닫으세요.',
    partial:
      '회사에서는 로그아웃되었지만 응답하지 않은 애플리케이션이 있습니다. 완전히 로그아웃하려면 브라우저를 닫으세요.',
    failed: '회사 로그인 페이지에서 로그아웃하지 못했습니다. 완전히 로그아웃하려면 브라우저를 닫으세요.',
  },
  continueTitle: '여기서는 로그아웃되었습니다',
  continueText: (idp) => `이어서 ${idp}에서도 로그아웃합니다.`,
};
