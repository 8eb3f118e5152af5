// 한국어: 역할이 있거나 없는 이유, 관리자 페이지.
import type { Messages } from '../../page/messages/en.ts';

export const whyKo: Messages['why'] = {
  whyLink: '액세스 도움말',
  whyTitle: '액세스 권한이 있거나 없는 이유',
  whyIntro: '규칙이 역할을 부여합니다. 각 규칙은 ID 공급자가 보낸 속성을 확인합니다.',
  roleField: '역할',
  accountField: '계정',
  search: '검색',
  showAll: '모든 규칙 보기',
  searchedFor: '검색한 역할을 부여할 수 있는 규칙',
  allRules: '모든 규칙',
  noRuleTitle: '이 역할을 부여하는 규칙이 없습니다',
  noRuleText: '이 포털에서는 아무에게도 부여되지 않는 역할입니다. 철자를 확인하거나 규칙을 요청하세요.',
  gives: '부여함',
  givesNot: '부여하지 않음',
  roleIn: (role, account, id) => `${account}(${id})의 ${role}`,
  onlyFrom: (networks) => `다음 네트워크에서만: ${networks}`,
  offersRole: (role) => `부여하는 역할: ${role}`,
  offersIn: (accounts) => `대상 계정: ${accounts}`,
  offersByGroup: '그룹 이름으로 역할 또는 계정이 결정됩니다.',
  andMore: (count) => `외 ${count}개`,
  sentBy: 'ID 공급자가 보낸 속성',
  identityProvider: 'ID 공급자',
  signedInAt: '로그인 시각',
  signedInAs: '사용자',
  contexts: '로그인 방법',
  groups: (count) => `그룹(${count})`,
  none: '없음',
  joinedGroups: (characters) =>
    `${characters}자 길이의 값에 ; 또는 ,가 포함되어 있습니다. ID 공급자가 여러 그룹을 하나로 합쳐서 보내나요? 그룹마다 별도의 값이어야 합니다.`,
  longGroups: (values, most) =>
    `그룹 ${values}개가 ${most}자를 넘습니다. ${most}자를 넘는 값은 패턴과 비교하지 않습니다.`,
  ruleHints: {
    normal_form: '규칙에 필요한 값과 똑같아 보이지만 유니코드 정규화 형식(완성형 또는 조합형)만 다른 값이 있습니다.',
    white_space: '규칙에 필요한 값과 공백 또는 보이지 않는 문자만 다른 값이 있습니다.',
    joined: '그룹이 별도의 값이면 규칙이 적용됩니다. ID 공급자가 그룹을 하나의 값으로 합쳐서 보내는 것 같습니다.',
  },
  because: {
    nearMiss: (wanted, has) =>
      `“${wanted}” 그룹이 필요합니다. 소속 그룹(“${has}”)은 비슷하지만 같지 않습니다. 그룹은 한 글자씩 정확히 비교합니다.`,
    group: (groups) => `${groups} 그룹에 속해 있지 않습니다.`,
    or: '또는',
    more: (has) => `“${has}” 그룹에 속해 있지만 규칙에 필요한 다른 조건이 있습니다.`,
    missingGroup: (groups) => `다음 그룹이 누락되었을 수 있습니다: ${groups}.`,
    missingClaim: (claims) => `다음 속성이 누락되었을 수 있습니다: ${claims}.`,
    pattern: '그룹 이름으로 결정되는 규칙이지만, 소속 그룹 중 등록된 계정과 일치하는 그룹이 없습니다.',
    claim: (claims) => `ID 공급자가 다음 속성을 보내야 합니다: ${claims}.`,
    notForwarded: '조건은 일치하지만, 이 규칙에 필요한 역할을 ID 공급자가 AWS에 전달하지 않습니다.',
    identityProvider: '다른 ID 공급자로 로그인한 사용자에게만 적용되는 규칙입니다.',
    network: (address) => `조건은 일치하지만, 이 포털에서 확인한 접속 주소 ${address}에서는 적용되지 않는 규칙입니다.`,
    denied: '조직에서 이 액세스를 차단했습니다. 보안 담당자에게 문의하세요.',
    excluded: 'ID 공급자가 보낸 속성 중 이 규칙에서 제외하는 값이 있습니다.',
  },
  nextStep: '다음 단계',
  adminLink: '관리',
  adminExplain: '액세스 탐색기',
  adminExplainTitle: '이 사용자는 어떤 역할을 갖나요?',
  adminExplainIntro:
    '현재 적용 중인 규칙에 따라, 이 그룹만 전달된 새 로그인을 기준으로 답합니다. 설명은 해당 사용자를 기준으로 합니다. 조회할 때마다 기록됩니다.',
  userField: '사용자 이름',
  groupsField: '그룹, 한 줄에 하나씩',
  explain: '설명 보기',
  sessionNameAtAws: 'AWS 세션 이름',
  adminRefusals: '로그인 실패',
  adminRefusalsTitle: '최근 거부된 로그인과 자격 증명',
  adminRefusalsIntro: (count) =>
    `서버 프로세스마다 최대 ${count}건, 7일 동안 보관합니다. 전체 기록은 감사 추적에 있습니다. 조회할 때마다 기록됩니다.`,
  noRefusals: '지난 7일 동안 거부된 로그인이나 자격 증명이 없습니다.',
  reason: '이유',
  detail: '세부 정보',
  received: '받은 값',
  expected: '예상 값',
  algorithm: '알고리즘',
  suggestedFix: '해결 방법',
  fixOfCode: {
    sign_in_cancelled:
      '사용자가 취소한 경우 조치가 필요하지 않습니다. 그렇지 않으면 ID 공급자가 로그인을 거부한 것이므로 ID 공급자의 로그를 확인하세요.',
    step_up_refused: 'ID 공급자가 지원하는 컨텍스트를 authnContexts에 지정하거나 ID 공급자에서 MFA를 설정하세요.',
  },
  fixes: {
    malformed:
      '세부 정보를 ID 공급자가 보내는 것과 비교하세요. 전송 중에 폼이 변경되지 않는지, 애플리케이션이 이 프로토콜로 설정되었는지 확인하세요.',
    too_large: '그룹 수를 줄이세요. ID 공급자에서 규칙에 사용하는 그룹만 보내도록 클레임을 제한하세요.',
    signature:
      'ID 공급자가 서명하는 대상(want.assertionsSigned, want.responseSigned)과 이 서버의 메타데이터에 ID 공급자의 현재 키가 있는지 확인하세요.',
    algorithm: 'ID 공급자를 docs/conformance.md의 알고리즘(예: RSA-SHA256)으로 설정하세요.',
    issuer: 'metadata.entityId 또는 openid.issuer에 ID 공급자의 식별자를 글자 그대로 입력하세요.',
    destination:
      'ID 공급자에서 애플리케이션의 AssertionConsumerService URL을 예상 값으로 설정하고, baseUrl과 프록시를 확인하세요.',
    recipient: 'ID 공급자에서 애플리케이션의 AssertionConsumerService URL을 예상 값으로 설정하세요.',
    audience: 'ID 공급자에서 대상(entityID, 클라이언트 ID)을 예상 값으로 설정하세요.',
    not_yet_valid: 'ID 공급자와 이 서버의 시계를 동기화하거나(NTP) clockSkew를 늘리세요.',
    expired:
      '시계를 동기화하세요. 시계가 맞는 경우 로그인이 너무 오래 걸렸거나 오래된 페이지를 다시 보낸 것이므로 다시 로그인하세요.',
    correlation:
      '일부 사용자에게 가끔 발생하면 다른 탭, 뒤로 가기 또는 차단된 쿠키가 원인이므로 다시 로그인하세요. 모든 사용자에게 발생하면 ID 공급자가 RelayState와 InResponseTo를 받은 그대로 돌려주어야 합니다. ID 공급자에서 시작하는 로그인에는 unsolicited.allowed가 필요합니다.',
    replay:
      '조치가 필요하지 않습니다. 뒤로 가기 또는 새로 고침으로 같은 응답이 두 번 전송되었습니다. 한 주소에서 많이 발생하면 공격입니다.',
    status: '이 시각의 ID 공급자 로그를 확인하세요. ID 공급자가 요청을 거부했습니다.',
    subject: 'ID 공급자가 bearer 주체 확인과 구성에서 읽는 NameID를 보내도록 설정하세요.',
    authn_context:
      'ID 공급자가 이전 로그인으로 응답했거나 AuthnStatement가 없습니다. ForceAuthn을 지원하는지 확인하세요.',
    attributes:
      'attributes.user를 ID 공급자가 보내는 것과 비교하세요. 바뀌지 않는 텍스트 값이 정확히 하나 있어야 합니다.',
    encryption: 'ID 공급자에 현재 암호화 인증서를 등록하거나 ID 공급자에서 암호화를 끄세요.',
    rate_limited:
      '여러 사용자가 이 주소를 공유하면 limits.signIn을 늘리고, 그렇지 않으면 원인이 되는 프로그램을 찾으세요.',
  },
  refusedRole: '역할',
  refusedRoleOf: (role, user, rule) => `${role}, 사용자 ${user}, 규칙 “${rule}”`,
  sourceAddress: '접속 주소',
  signInSystem: 'ID 공급자',
  unknownIdp: '알 수 없음',
};
