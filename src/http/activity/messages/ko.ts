// 한국어: 최근 활동. 본인의 활동과 모든 사용자의 활동.
import type { Messages } from '../../page/messages/en.ts';

export const activityKo: Messages['activity'] = {
  title: '활동',
  intro:
    '이 브라우저와 명령줄에서 지난 30일 동안 있었던 내 로그인, 자격 증명, 콘솔 세션, 거부된 요청을 최대 50개까지 보여 줍니다.',
  caption: '최근 활동, 최신순',
  none: '지난 30일 동안 활동이 없습니다. 콘솔을 열거나 자격 증명을 받으면 여기에 나옵니다.',
  when: '시간',
  what: '활동',
  role: '역할',
  from: '소스',
  details: '세부 정보',
  cli: 'CLI 세션',
  kinds: { sign_in: '로그인', credentials: '자격 증명', console: '콘솔', refused: '거부됨' },
  until: '만료',
  requestId: '요청 번호',
  notYou: '직접 하지 않은 활동이 있나요?',
  notYouHelp: '바로 관리자에게 알리고 모르는 CLI 세션을 종료하세요:',
};
