// 한국어: 최근 활동. 본인의 활동과 모든 사용자의 활동.
import type { Messages } from '../../page/messages/en.ts';

export const activityKo: Messages['activity'] = {
  title: '활동',
  intro:
    '이 브라우저와 명령줄에서 지난 30일 동안 있었던 내 로그인, 자격 증명, 콘솔 세션, 거부된 요청을 최대 50개까지 보여 줍니다.',
  caption: '최근 활동, 최신순',
  none: '지난 30일 동안 활동이 없습니다. 콘솔을 열거나 자격 증명을 받으면 여기에 표시됩니다.',
  when: '시각',
  what: '활동',
  role: '역할',
  from: '소스',
  details: '세부 정보',
  cli: 'CLI 세션',
  kinds: { sign_in: '로그인', credentials: '자격 증명', console: '콘솔', refused: '거부됨' },
  until: '만료',
  requestId: '요청 ID',
  notYou: '직접 하지 않은 활동이 있나요?',
  notYouHelp: '바로 관리자에게 알리고 본인이 시작하지 않은 CLI 세션을 종료하세요:',
  adminTitle: '모든 사용자의 활동',
  adminIntro:
    '모든 서버 프로세스의 활동을 하루 단위(UTC)로 세어 30일 동안 보관합니다. 공식 기록은 감사 추적입니다. 조회할 때마다 기록됩니다.',
  period: '기간',
  lastDays: (count) => `지난 ${count}일`,
  perDay: '일별 활동',
  day: '날짜(UTC)',
  counters: { signIns: '로그인', credentials: '자격 증명', consoles: '콘솔 세션', refusals: '거부' },
  total: (counter, count) => `${counter}: 총 ${count}건`,
  most: (count, date) => `일일 최대 건수: ${count}건(${date})`,
  asTable: '표로 보기',
  mostUsed: '많이 사용한 역할',
  mostUsedCaption: '사용 횟수별 역할',
  uses: '사용 횟수',
  otherRoles: '기타 역할',
  noRoleUsed: '이 기간에 사용한 역할이 없습니다.',
  neverUsed: (count) => `사용하지 않은 역할(${count})`,
  neverUsedCaption: '사용 기록이 없는 역할',
  neverUsedNote:
    '규칙에 이름이 있지만 이 기간에 사용하지 않은 역할입니다. 계속 남아 있는 역할은 삭제를 검토하세요. 그룹 이름으로 결정되는 역할은 포함하지 않습니다.',
  rule: '규칙',
  ofUser: (user) => `최근 활동: ${user}`,
  noneOfUser: '지난 30일 동안 활동이 없습니다. 사용자 이름과 ID 공급자를 확인하세요.',
};
