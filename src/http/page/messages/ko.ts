// 모든 화면의 문장, 한국어. 기능마다 문장이 따로 있고, 여기에는 모든 화면에 필요한 것이 있습니다.
import type { ErrorCode } from '../../../errors.ts';
import { activityKo } from '../../activity/messages/ko.ts';
import { administrationKo } from '../../administration/messages/ko.ts';
import { cliSignInKo } from '../../cli-sign-in/messages/ko.ts';
import { consoleKo } from '../../console/messages/ko.ts';
import { credentialsKo } from '../../credentials/messages/ko.ts';
import { portalKo } from '../../portal/messages/ko.ts';
import { sessionsKo } from '../../sessions/messages/ko.ts';
import { signInKo } from '../../sign-in/messages/ko.ts';
import { signOutKo } from '../../sign-out/messages/ko.ts';
import { whyKo } from '../../why/messages/ko.ts';
import type { ErrorText, Messages } from './en.ts';

const tryLater = '잠시 후 다시 시도하세요. 문제가 계속되면 관리자에게 요청 ID를 알려 주세요.';
const tellAdministrators = '관리자에게 요청 ID를 알려 주세요. 정확한 원인은 로그에 기록되어 있습니다.';

const signInRefused = {
  title: '로그인을 완료하지 못했습니다',
  help: '포털에서 다시 시작하세요. 다시 실패하면 관리자에게 요청 ID를 알려 주세요.',
};

const errors: Readonly<Record<ErrorCode, ErrorText>> = {
  bad_request: { title: '요청이 올바르지 않습니다', help: '주소 또는 전송한 값을 확인하세요.' },
  not_on_console: {
    title: 'AWS 콘솔의 주소가 아닙니다',
    help: '/로 시작하는 경로나 {consoleHosts}의 주소를 사용하고 위치는 한 번만 지정하세요. 콘솔 링크로는 다른 AWS 사이트를 열 수 없습니다.',
  },
  unauthenticated: { title: '로그인되어 있지 않습니다', help: '로그인한 후 다시 시도하세요.' },
  forbidden_origin: { title: '다른 사이트에서 온 요청입니다', help: '포털을 직접 열어 다시 시도하세요.' },
  role_not_granted: {
    title: '이 역할에 대한 액세스 권한이 없습니다',
    help: '포털에는 사용할 수 있는 역할이 모두 표시됩니다. 필요한 역할이 없으면 그 역할을 부여하는 그룹을 신청하세요.',
  },
  access_denied: {
    title: '액세스가 차단되었습니다',
    help: '조직에서 이 사용자 또는 소속 그룹의 로그인을 차단했습니다. 보안 담당자에게 문의하세요.',
  },
  network_not_allowed: {
    title: '현재 네트워크에서는 이 역할을 사용할 수 없습니다',
    help: '회사 VPN 또는 사무실과 같이 이 역할에 허용된 네트워크에 연결한 후 다시 시도하세요. 다시 로그인할 필요는 없습니다.',
  },
  step_up_required: {
    title: '이 역할에는 MFA 또는 최근 로그인이 필요합니다',
    help: '다시 로그인한 후 작업을 다시 시도하세요.',
  },
  session_attributes: {
    title: '이 역할에 필요한 속성이 로그인 정보에 없습니다',
    help: 'ID 공급자가 역할에 필요한 속성을 보내지 않았거나 AWS가 허용하지 않는 형식으로 보냈습니다. 관리자에게 요청 ID를 알려 주세요.',
  },
  session_policy_fixed: {
    title: '이 역할에는 이미 세션 정책이 적용되어 있습니다',
    help: '이 역할의 세션에는 항상 관리자가 지정한 정책이 적용됩니다. 세션 정책 없이 다시 요청하세요.',
  },
  console_only: {
    title: '콘솔 전용 역할입니다',
    help: '이 역할로는 자격 증명을 받을 수 없습니다. 콘솔을 열거나 다른 역할을 선택하세요.',
  },
  reauthentication_required: {
    title: '이 역할을 사용하려면 다시 로그인해야 합니다',
    help: 'AWS는 ID 공급자의 응답을 몇 분 동안만 허용합니다. 포털에서 역할을 사용하면 다시 로그인한 후 작업이 계속됩니다. 명령줄에서는 지원되지 않습니다.',
  },
  not_found: { title: '페이지를 찾을 수 없습니다', help: '주소를 확인하거나 포털에서 페이지를 찾으세요.' },
  too_large: { title: '요청이 너무 큽니다', help: '요청의 크기를 줄이세요.' },
  unsupported_media_type: {
    title: '요청의 콘텐츠 유형이 올바르지 않습니다',
    help: 'API에 application/json 형식으로 요청하세요.',
  },
  misdirected: { title: '이 서버에서 제공하지 않는 호스트입니다', help: '관리자가 알려 준 주소를 사용하세요.' },
  rate_limited: {
    title: '이 네트워크에서 보낸 요청이 너무 많습니다',
    help: '1분쯤 기다린 후 다시 시도하세요. 문제가 계속되면 관리자에게 요청 ID를 알려 주세요.',
  },
  credentials_limited: {
    title: '자격 증명을 너무 자주 요청했습니다',
    help: '1분쯤 기다린 후 다시 시도하세요. 프로그램이 요청하는 경우 자격 증명을 만료될 때까지 저장해 두고 사용하도록 설정하세요.',
  },
  saml_refused: signInRefused,
  openid_refused: signInRefused,
  sign_in_cancelled: {
    title: '로그인하지 않았습니다',
    help: '로그인이 취소되었거나 ID 공급자가 로그인을 허용하지 않았습니다. 준비되면 다시 로그인하세요.',
  },
  step_up_refused: {
    title: 'MFA로 로그인할 수 없습니다',
    help: 'ID 공급자가 이 역할에 필요한 인증 방법을 제공하지 않습니다. 기존 로그인은 유지됩니다. MFA를 등록하는 방법을 관리자에게 문의하세요.',
  },
  logout_refused: {
    title: '로그아웃 메시지가 수락되지 않았습니다',
    help: '여기서 로그아웃하려면 포털의 로그아웃 버튼을 사용하세요. 문제가 반복되면 관리자에게 요청 ID를 알려 주세요.',
  },
  command_line_refused: {
    title: '이 명령줄 로그인을 계속할 수 없습니다',
    help: '만료되었거나, 이미 사용되었거나, 다른 브라우저에서 시작한 로그인입니다. rolegate login을 다시 실행하고 표시되는 주소를 바로 여세요.',
  },
  idp_unavailable: { title: 'ID 공급자의 정보를 아직 가져오지 못했습니다', help: tryLater },
  verification_unavailable: { title: '로그인을 제한 시간 안에 확인하지 못했습니다', help: tryLater },
  sts_access_denied: {
    title: 'AWS가 이 역할을 거부했습니다',
    help: '역할의 신뢰 정책이 Rolegate를 허용하지 않거나 역할이 존재하지 않습니다. 관리자에게 요청 ID를 알려 주세요.',
  },
  sts_identity_rejected: { title: 'AWS가 이 계정에서 Rolegate를 거부했습니다', help: tellAdministrators },
  sts_assertion_expired: { title: 'AWS가 만료된 로그인으로 판단했습니다', help: tellAdministrators },
  sts_duration: {
    title: '요청한 세션 기간이 역할의 최대 세션 기간보다 깁니다',
    help: '더 짧은 세션 기간을 요청하세요.',
  },
  sts_session_policy: { title: 'AWS가 세션 정책을 거부했습니다', help: '정책을 확인하거나 더 짧게 작성하세요.' },
  sts_session_tags: {
    title: '세션 태그가 AWS의 한도를 넘었습니다',
    help: '직접 변경할 수 없습니다. 관리자에게 세션 태그가 AWS의 한도를 넘었다고 알리고 요청 ID를 전달하세요.',
  },
  sts_rule_policy: {
    title: 'AWS가 이 역할을 제한하는 정책을 거부했습니다',
    help: '직접 변경할 수 없습니다. 관리자에게 규칙의 세션 정책이 거부되었다고 알리고 요청 ID를 전달하세요.',
  },
  sts_region_disabled: { title: '이 계정에서는 이 리전의 AWS STS가 비활성화되어 있습니다', help: tellAdministrators },
  sts_throttled: { title: 'AWS에 대한 요청이 너무 많습니다', help: tryLater },
  sts_unavailable: { title: 'AWS가 응답하지 않습니다', help: tryLater },
  sts_refused: { title: 'AWS가 요청을 거부했습니다', help: tellAdministrators },
  signing_unavailable: { title: '서명 서비스가 응답하지 않습니다', help: tryLater },
  signing_refused: { title: '서명 서비스가 요청을 거부했습니다', help: tellAdministrators },
  signin_refused: { title: 'AWS 콘솔이 세션을 거부했습니다', help: tellAdministrators },
  signin_unavailable: { title: 'AWS 콘솔이 응답하지 않습니다', help: tryLater },
  store_unavailable: {
    title: '지금은 세션을 읽을 수 없습니다',
    help: '데이터는 손실되지 않았습니다. 잠시 후 다시 시도하세요. 로그인하라는 메시지가 표시되지 않으면 다시 로그인할 필요가 없습니다.',
  },
  audit_unavailable: { title: '감사 추적을 기록할 수 없어 자격 증명을 발급하지 않았습니다', help: tryLater },
  internal: { title: '내부 오류가 발생했습니다', help: tellAdministrators },
};

export const ko: Messages = {
  language: 'ko',
  languageName: '한국어',
  errors,
  page: {
    skipToContent: '본문으로 건너뛰기',
    signIn: '로그인',
    signInAgain: '다시 로그인',
    signOut: '로그아웃',
    toPortal: '포털로 이동',
    backToAccounts: '계정 목록으로 돌아가기',
    notNow: '나중에',
    continueOn: '계속',
    requestId: '요청 ID',
    hours: (count) => `${count}시간`,
    minutes: (count) => `${count}분`,
    seconds: (count) => `${count}초`,
    copy: '복사',
    copied: '복사됨',
    navigation: '페이지',
    sessionUntil: '로그인 만료:',
    sessionIdle: '한동안 활동이 없었습니다. 세션이 {time}에 만료됩니다.',
    sessionAbsolute: '세션이 {time}에 만료되며 연장할 수 없습니다. 지금 다시 로그인하면 이 페이지로 돌아옵니다.',
    sessionEnded: '세션이 만료되었습니다. 다시 로그인하면 이 페이지로 돌아옵니다.',
    sessionReplaced: '더 이상 {user} 사용자로 로그인되어 있지 않습니다. 페이지를 새로 고쳐 현재 사용자를 확인하세요.',
    dismissAnnouncement: '공지 닫기',
    staySignedIn: '로그인 상태 유지',
    reload: '새로 고침',
    preferences: '언어 및 화면 모드',
    themeLabel: '화면 모드',
    themes: { system: '시스템 설정', light: '라이트', dark: '다크' },
    languageLabel: '언어',
    apply: '적용',
  },
  signIn: signInKo,
  signOut: signOutKo,
  credentials: credentialsKo,
  console: consoleKo,
  portal: portalKo,
  why: whyKo,
  sessions: sessionsKo,
  activity: activityKo,
  administration: administrationKo,
  cliSignIn: cliSignInKo,
};
