// 한국어: 역할이 있거나 없는 이유, 관리자 페이지.
import type { Messages } from '../../page/messages/en.ts';

export const whyKo: Messages['why'] = {
  whyLink: '액세스 도움말',
  whyTitle: '역할이 있는 이유, 없는 이유',
  whyIntro: '역할은 모두 규칙에서 나오고, 규칙은 로그인으로 받은 정보를 봅니다.',
  roleField: '역할',
  accountField: '계정',
  search: '찾기',
  showAll: '모든 규칙 보기',
  searchedFor: '찾는 것을 줄 수 있는 규칙',
  allRules: '모든 규칙',
  noRuleTitle: '그런 역할을 주는 규칙이 없습니다',
  noRuleText: '이 포털로는 누구도 받을 수 없습니다. 표기를 확인하거나 규칙을 요청하세요.',
  gives: '부여함',
  givesNot: '부여하지 않음',
  roleIn: (role, account, id) => `${account}(${id})의 ${role}`,
  onlyFrom: (networks) => `접속 주소 제한: ${networks}`,
  offersRole: (role) => `주는 역할: ${role}`,
  offersIn: (accounts) => `대상 계정: ${accounts}`,
  offersByGroup: '역할이나 계정은 그룹 이름에서 정해집니다.',
  andMore: (count) => `외 ${count}개`,
  sentBy: '로그인으로 받은 정보',
  identityProvider: '로그인한 곳',
  signedInAt: '로그인한 시각',
  signedInAs: '사용자',
  contexts: '로그인 방법',
  groups: (count) => `그룹 (${count})`,
  none: '없음',
  joinedGroups: (characters) =>
    `${characters}자인 값 하나에 ; 또는 ,가 있습니다. ID 공급자가 그룹을 하나로 합쳐서 보내나요? 그룹은 값 하나에 하나씩이어야 합니다.`,
  longGroups: (values, most) =>
    `그룹 ${values}개가 ${most}자를 넘습니다. ${most}자를 넘는 값은 패턴과 비교하지 않습니다.`,
  ruleHints: {
    normal_form: '규칙에 필요한 값과 똑같아 보이지만 유니코드 정규화 형식만 다른 값이 있습니다(완성형과 조합형 글자).',
    white_space: '규칙에 필요한 값과 공백이나 보이지 않는 문자만 다른 값이 있습니다.',
    joined: '그룹이 따로따로였다면 규칙이 적용되었을 것입니다. ID 공급자가 그룹을 하나로 합쳐서 보내는 것 같습니다.',
  },
  because: {
    nearMiss: (wanted, has) =>
      `“${wanted}” 그룹이 필요합니다. 가진 그룹은 “${has}”이며 비슷하지만 같지 않습니다. 그룹은 한 글자씩 비교합니다.`,
    group: (groups) => `${groups} 그룹에 들어 있지 않습니다.`,
    or: '또는',
    more: (has) => `“${has}” 그룹에 들어 있지만 규칙이 더 요구합니다.`,
    missingGroup: (groups) => `빠진 그룹일 수 있습니다: ${groups}.`,
    missingClaim: (claims) => `빠진 정보일 수 있습니다: ${claims}.`,
    pattern: '그룹 이름을 따르는 규칙인데, 가진 그룹 가운데 등록된 계정과 맞는 것이 없습니다.',
    claim: (claims) => `로그인 정보에 ${claims}이(가) 있어야 합니다.`,
    notForwarded: '조건은 맞지만, 이 규칙에 필요한 역할 이름을 로그인 시스템이 AWS에 알리지 않습니다.',
    identityProvider: '다른 곳에서 로그인한 사람에게만 적용되는 규칙입니다.',
    network: (address) => `조건은 맞지만, 이 포털에 보이는 접속 주소 ${address}에서는 적용되지 않는 규칙입니다.`,
    denied: '조직에서 이 접근을 차단했습니다. 보안 담당자에게 문의하세요.',
    excluded: '로그인으로 받은 정보 가운데 이 규칙이 제외하는 것이 있습니다.',
  },
  whomToAsk: '문의할 곳',
  adminLink: '관리',
  adminExplain: '다른 사람의 역할',
  adminExplainTitle: '누가 어떤 역할을 갖게 될까요?',
  adminExplainIntro:
    '지금 적용되는 규칙으로, 이 그룹만 받은 새 로그인을 가정하여 답합니다. 문장의 주어는 그 사람입니다. 조회는 모두 기록됩니다.',
  userField: '사용자 이름',
  groupsField: '그룹, 한 줄에 하나씩',
  explain: '설명 보기',
  sessionNameAtAws: 'AWS에서의 세션 이름',
  adminRefusals: '거부 기록',
  adminRefusalsTitle: '최근 거부된 로그인과 자격 증명',
  adminRefusalsIntro: (count) =>
    `서버 프로세스마다 최대 ${count}건, 7일 동안 보관합니다. 전체는 감사 기록에 있습니다. 조회는 모두 기록됩니다.`,
  noRefusals: '지난 7일 동안 거부된 로그인이나 자격 증명이 없습니다.',
  reason: '이유',
  detail: '상세',
  received: '받은 값',
  expected: '기대한 값',
  algorithm: '알고리즘',
  suggestedFix: '해결 방법',
  fixOfCode: {
    sign_in_cancelled:
      '사용자가 취소했다면 할 일이 없습니다. 아니라면 ID 공급자가 허용하지 않은 것이니 그 로그를 확인하세요.',
    step_up_refused: 'ID 공급자가 아는 컨텍스트를 authnContexts에 적거나, ID 공급자에 더 강한 로그인을 설정하세요.',
  },
  fixes: {
    malformed:
      '세부 정보를 ID 공급자가 보내는 것과 비교하세요. 중간에서 양식을 바꾸는 것이 없는지, 애플리케이션이 이 프로토콜로 설정되었는지 확인하세요.',
    too_large: '그룹을 덜 보내세요. ID 공급자에서 규칙에 쓰는 그룹만 보내도록 제한하세요.',
    signature:
      'ID 공급자가 무엇에 서명하는지(want.assertionsSigned, want.responseSigned)와 여기 메타데이터에 현재 키가 있는지 확인하세요.',
    algorithm: 'ID 공급자를 docs/conformance.md의 알고리즘(예: RSA-SHA256)으로 설정하세요.',
    issuer: 'ID 공급자의 식별자를 글자 그대로 쓰세요: metadata.entityId 또는 openid.issuer.',
    destination:
      'ID 공급자에서 애플리케이션의 AssertionConsumerService URL을 기대한 값으로 설정하고, baseUrl과 프록시를 확인하세요.',
    recipient: 'ID 공급자에서 애플리케이션의 AssertionConsumerService URL을 기대한 값으로 설정하세요.',
    audience: 'ID 공급자에서 대상(entityID, 클라이언트 ID)을 기대한 값으로 설정하세요.',
    not_yet_valid: 'ID 공급자와 이 서버의 시계를 맞추거나(NTP) clockSkew를 늘리세요.',
    expired: '시계를 맞추세요. 시계가 맞다면 너무 오래 걸렸거나 오래된 페이지를 다시 보낸 것이니 다시 로그인하세요.',
    correlation:
      '가끔 한 사람이라면 다른 탭, 뒤로 가기, 차단된 쿠키 때문이니 다시 로그인하세요. 모두라면 ID 공급자가 RelayState와 InResponseTo를 받은 그대로 돌려주어야 합니다. ID 공급자에서 시작하는 로그인에는 unsolicited.allowed가 필요합니다.',
    replay:
      '할 일이 없습니다. 뒤로 가기나 새로 고침으로 같은 응답이 두 번 왔습니다. 한 주소에서 많이 온다면 공격입니다.',
    status: '이 시각의 ID 공급자 로그를 보세요. ID 공급자가 요청을 거부했습니다.',
    subject: 'ID 공급자가 bearer 주체 확인과 구성에서 읽는 NameID를 보내도록 설정하세요.',
    authn_context:
      'ID 공급자가 이전 로그인으로 응답했거나 AuthnStatement가 없습니다. ForceAuthn을 지원하는지 확인하세요.',
    attributes:
      'attributes.user를 ID 공급자가 보내는 것과 비교하세요. 바뀌지 않는 텍스트 값이 정확히 하나 있어야 합니다.',
    encryption: 'ID 공급자에 현재 암호화 인증서를 주거나, 그쪽에서 암호화를 끄세요.',
    rate_limited: '여러 사람이 이 주소를 함께 쓴다면 limits.signIn을 늘리고, 아니라면 그렇게 하는 프로그램을 찾으세요.',
  },
  refusedRole: '역할',
  refusedRoleOf: (role, user, rule) => `${role}, 사용자 ${user}, 규칙 “${rule}”`,
  sourceAddress: '접속 주소',
  signInSystem: '로그인 시스템',
  unknownIdp: '알 수 없음',
};
