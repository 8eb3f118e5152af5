// 한국어: 로그인할 곳 고르기, 더 강한 로그인이나 새 로그인, 그 뒤에 이어 가기.
import type { Messages } from '../../page/messages/en.ts';

export const signInKo: Messages['signIn'] = {
  chooserTitle: '어디에서 로그인할까요?',
  lastUsed: '최근 사용',
  stepUpTitle: (role, account) => `${account}의 ${role} 역할을 쓰려면 다시 로그인해야 합니다`,
  stepUpStronger: '이 역할은 일회용 코드처럼 더 강한 로그인이 필요합니다.',
  stepUpFresh: '이 역할을 쓰려면 최근에 로그인했어야 합니다.',
  ignoredTitle: '로그인이 충분히 강하지 않습니다',
  ignoredText: (role, account, idp) =>
    `${account}의 ${role} 역할은 일회용 코드처럼 더 강한 로그인이 필요합니다. ${idp}에서 다시 로그인했지만 더 강한 로그인을 확인해 주지 않았습니다.`,
  ignoredSaid: '보고된 로그인 방법:',
  ignoredNothing: '어떤 방법으로 로그인했는지 보고되지 않았습니다.',
  anewTitle: 'AWS를 위해 새로 로그인',
  anewText:
    '이 역할은 AWS가 로그인 시스템의 응답을 직접, 몇 분 동안만 받습니다. 새로 로그인한 뒤 단추 하나로 이어 갑니다.',
  postText: (idp) => `${idp}(으)로 이동합니다.`,
  resumeTitle: '세션이 끝나 있었습니다',
  resumeGoesOn: '다시 로그인한 뒤 하던 일로 돌아갑니다.',
  resumeText: (role, account) => `${account}의 ${role} 역할을 사용하려던 참이었습니다.`,
  resumeConsole: '콘솔 열기',
  resumeCredentials: '자격 증명 받기',
  resumeBatch: '다음 역할의 자격 증명을 받으려던 참이었습니다:',
  framedTitle: '보려면 로그인하세요',
  framedText: '다른 페이지 안에서는 로그인할 수 없습니다. 새 탭에서 로그인한 뒤 이 페이지를 다시 불러오세요.',
};
