// 한국어: 관리자를 위한 활성 세션과 발급된 자격 증명.
import type { Messages } from '../../page/messages/en.ts';

export const sessionsKo: Messages['sessions'] = {
  title: '세션',
  heading: '세션과 발급된 자격 증명',
  intro:
    '누가 로그인되어 있고 AWS에서 아직 유효한 자격 증명이 무엇인지 확인합니다. 세션 종료는 모든 서버 프로세스에서 다음 요청부터 적용됩니다. 조회할 때마다 기록됩니다.',
  userField: '감사 추적의 사용자 이름',
  idpField: 'ID 공급자',
  anyIdp: '모두',
  show: '조회',
  live: (count) => `활성 세션(${count})`,
  noneLive: '활성 세션이 없습니다.',
  kinds: { browser: '브라우저', cli: 'CLI 세션' },
  since: '로그인 시각',
  until: '만료 시각',
  from: '사용자 및 접속 주소',
  end: '세션 종료',
  endAll: (count) => `세션 ${count}개 모두 종료`,
  everyone: '모든 사용자의 세션 종료',
  everyoneHelp: '본인을 포함한 모든 사용자가 브라우저와 명령줄에서 다시 로그인해야 합니다.',
  everyoneConfirm: '예, 모든 세션을 종료합니다',
  endingOnly:
    '구성에서 거부하지 않으면 다시 로그인할 수 있습니다. AWS가 발급한 자격 증명은 만료되거나 정책이 거부할 때까지 유효합니다.',
  issued: (count) => `AWS에서 아직 유효한 발급된 자격 증명(${count})`,
  noneIssued: '유효한 자격 증명이 없습니다.',
  issuedAt: '발급 시각',
  accessKey: '액세스 키 ID',
  consoleOnly: '콘솔',
  revokeHint: 'AWS에서 거부하려면 다음을 실행하세요.',
  more: (count) => `${count}개는 표시되지 않았습니다.`,
  incomplete: '더 있을 수 있습니다. 전체 목록은 감사 추적에 있습니다.',
};
