// 한국어: 로그인할 곳 선택, MFA 또는 새 로그인, 그 뒤에 이어 가기.
import type { Messages } from '../../page/messages/en.ts';

export const signInKo: Messages['signIn'] = {
  chooserTitle: '어디에서 로그인하시겠습니까?',
  lastUsed: '최근 사용',
  stepUpTitle: (role, account) => `${account}의 ${role} 역할을 사용하려면 다시 로그인해야 합니다`,
  stepUpStronger: '이 역할에는 MFA(예: 일회용 코드)가 필요합니다.',
  stepUpFresh: '이 역할에는 최근 로그인이 필요합니다.',
  ignoredTitle: 'MFA가 확인되지 않았습니다',
  ignoredText: (role, account, idp) =>
    `${account}의 ${role} 역할에는 MFA(예: 일회용 코드)가 필요합니다. ${idp}에서 다시 로그인했지만 MFA가 확인되지 않았습니다.`,
  ignoredSaid: '보고된 로그인 방법:',
  ignoredNothing: '로그인 방법이 보고되지 않았습니다.',
  anewTitle: 'AWS에 사용할 새 로그인',
  anewText: 'AWS는 ID 공급자의 응답을 몇 분 동안만 허용합니다. 다시 로그인한 후 버튼을 눌러 계속하세요.',
  postText: (idp) => `이제 ${idp}에서 로그인을 계속합니다.`,
  resumeTitle: '세션이 만료되었습니다',
  resumeGoesOn: '다시 로그인하면 하던 작업으로 돌아갑니다.',
  resumeText: (role, account) => `${account}의 ${role} 역할을 사용하려고 했습니다.`,
  resumeConsole: '콘솔 열기',
  resumeCredentials: '자격 증명 받기',
  resumeBatch: '다음 역할의 자격 증명을 받으려고 했습니다:',
  framedTitle: '로그인이 필요합니다',
  framedText: '다른 페이지 안에서는 로그인할 수 없습니다. 새 탭에서 로그인한 후 이 페이지를 새로 고치세요.',
};
