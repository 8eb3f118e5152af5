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

const tryLater = '잠시 후 다시 시도하세요. 계속되면 관리자에게 요청 번호를 알려 주세요.';
const tellAdministrators = '관리자에게 요청 번호를 알려 주세요. 정확한 이유는 로그에 있습니다.';

const signInRefused = {
  title: '로그인을 마치지 못했습니다',
  help: '포털에서 다시 시작하세요. 또 실패하면 관리자에게 요청 번호를 알려 주세요.',
};

const errors: Readonly<Record<ErrorCode, ErrorText>> = {
  bad_request: { title: '요청이 올바르지 않습니다', help: '주소나 보낸 값을 확인하세요.' },
  not_on_console: {
    title: 'AWS 콘솔의 주소가 아닙니다',
    help: '/로 시작하는 경로나 {consoleHosts}의 주소를 쓰고, 위치는 한 번만 지정하세요. 콘솔 링크로는 다른 AWS 사이트를 열 수 없습니다.',
  },
  unauthenticated: { title: '로그인되어 있지 않습니다', help: '로그인한 뒤 다시 시도하세요.' },
  forbidden_origin: { title: '다른 사이트에서 온 요청입니다', help: '포털을 직접 열어 다시 시도하세요.' },
  role_not_granted: {
    title: '이 역할은 부여되지 않았습니다',
    help: '포털에 사용할 수 있는 역할이 모두 나옵니다. 빠진 역할이 있으면 해당 그룹을 신청하세요.',
  },
  access_denied: {
    title: '접근이 차단되었습니다',
    help: '조직에서 이 계정이나 소속 그룹의 로그인을 차단했습니다. 보안 담당자에게 문의하세요.',
  },
  network_not_allowed: {
    title: '지금 접속한 네트워크에서는 이 역할을 쓸 수 없습니다',
    help: '회사 VPN이나 사무실처럼 이 역할에 허용된 네트워크에 연결한 뒤 다시 시도하세요. 다시 로그인할 필요는 없습니다.',
  },
  step_up_required: {
    title: '이 역할은 더 강한 로그인이나 새 로그인이 필요합니다',
    help: '역할이 요구하는 대로 다시 로그인한 뒤 하던 일을 다시 하세요.',
  },
  session_attributes: {
    title: '로그인에 이 역할이 요구하는 정보가 없습니다',
    help: '역할이 요구하는 정보를 회사 디렉터리가 보내지 않았거나 AWS가 받지 않는 형식으로 보냈습니다. 관리자에게 요청 번호를 알려 주세요.',
  },
  session_policy_fixed: {
    title: '이 역할에는 이미 제한이 있습니다',
    help: '이 역할의 세션에는 언제나 관리자가 정한 정책이 적용됩니다. 다른 정책 없이 요청하세요.',
  },
  console_only: {
    title: '콘솔 전용 역할입니다',
    help: '이 역할은 자격 증명을 주지 않습니다. 콘솔을 열거나 다른 역할을 고르세요.',
  },
  reauthentication_required: {
    title: '이 역할은 새 로그인이 필요합니다',
    help: 'AWS가 로그인 시스템의 응답을 직접, 몇 분 동안만 받습니다. 포털에서 역할을 쓰면 새로 로그인하고 이어 갑니다. 명령줄에서는 할 수 없습니다.',
  },
  not_found: { title: '찾는 페이지가 없습니다', help: '주소를 확인하세요.' },
  too_large: { title: '요청이 너무 큽니다', help: '내용을 줄여서 보내세요.' },
  unsupported_media_type: { title: '요청의 형식이 맞지 않습니다', help: 'API에는 application/json으로 보내세요.' },
  misdirected: { title: '여기서 제공하지 않는 주소입니다', help: '관리자가 알려 준 주소를 사용하세요.' },
  rate_limited: {
    title: '이 네트워크에서 요청이 너무 많이 왔습니다',
    help: '1분쯤 기다린 뒤 다시 시도하세요. 계속되면 관리자에게 요청 번호를 알려 주세요.',
  },
  credentials_limited: {
    title: '자격 증명을 너무 자주 요청했습니다',
    help: '1분쯤 기다린 뒤 다시 시도하세요. 프로그램이 요청한다면 자격 증명이 만료될 때까지 보관해서 쓰게 하세요.',
  },
  saml_refused: signInRefused,
  openid_refused: signInRefused,
  sign_in_cancelled: {
    title: '로그인하지 않았습니다',
    help: '로그인이 취소되었거나 로그인 시스템이 허용하지 않았습니다. 준비되면 다시 로그인하세요.',
  },
  step_up_refused: {
    title: '더 강한 로그인을 할 수 없습니다',
    help: '로그인 시스템이 이 역할에 필요한 만큼 강하게 로그인해 주지 못합니다. 앞서 한 로그인은 계속됩니다. 더 강한 로그인을 등록하는 방법을 관리자에게 물어보세요.',
  },
  logout_refused: {
    title: '로그아웃 메시지를 받아들이지 않았습니다',
    help: '여기서 로그아웃하려면 포털의 단추를 쓰세요. 또 생기면 관리자에게 요청 번호를 알려 주세요.',
  },
  command_line_refused: {
    title: '이 명령줄 로그인은 이어 갈 수 없습니다',
    help: '너무 오래되었거나, 이미 쓰였거나, 다른 브라우저의 것입니다. rolegate login을 다시 실행하고 주소를 바로 여세요.',
  },
  idp_unavailable: { title: '로그인 시스템을 아직 알 수 없습니다', help: tryLater },
  verification_unavailable: { title: '로그인을 제시간에 확인하지 못했습니다', help: tryLater },
  sts_access_denied: {
    title: 'AWS가 이 역할을 거부했습니다',
    help: '역할의 신뢰 정책이 Rolegate를 허용하지 않거나 역할이 없습니다. 관리자에게 요청 번호를 알려 주세요.',
  },
  sts_identity_rejected: { title: 'AWS가 이 계정에서 Rolegate를 받아들이지 않았습니다', help: tellAdministrators },
  sts_assertion_expired: { title: 'AWS가 로그인이 너무 오래되었다고 판단했습니다', help: tellAdministrators },
  sts_duration: { title: '이 역할은 그렇게 긴 세션을 허용하지 않습니다', help: '더 짧은 시간으로 요청하세요.' },
  sts_session_policy: { title: 'AWS가 세션 정책을 받아들이지 않았습니다', help: '정책을 확인하거나 줄이세요.' },
  sts_session_tags: {
    title: '세션 태그가 AWS의 한도를 넘었습니다',
    help: '직접 바꿀 수 없습니다. 관리자에게 세션 태그가 AWS의 한도를 넘었다고 알리고 요청 번호를 전달하세요.',
  },
  sts_rule_policy: {
    title: 'AWS가 이 역할을 제한하는 정책을 받아들이지 않았습니다',
    help: '직접 바꿀 수 없습니다. 관리자에게 규칙의 세션 정책이 거부되었다고 알리고 요청 번호를 전달하세요.',
  },
  sts_region_disabled: { title: '이 계정의 이 리전에서 AWS STS가 꺼져 있습니다', help: tellAdministrators },
  sts_throttled: { title: 'AWS에 요청이 너무 많습니다', help: tryLater },
  sts_unavailable: { title: 'AWS가 응답하지 않습니다', help: tryLater },
  sts_refused: { title: 'AWS가 요청을 거부했습니다', help: tellAdministrators },
  signing_unavailable: { title: '서명 서비스가 응답하지 않습니다', help: tryLater },
  signing_refused: { title: '서명 서비스가 요청을 거부했습니다', help: tellAdministrators },
  signin_refused: { title: 'AWS 콘솔이 세션을 받아들이지 않았습니다', help: tellAdministrators },
  signin_unavailable: { title: 'AWS 콘솔이 응답하지 않습니다', help: tryLater },
  store_unavailable: {
    title: '지금은 세션을 읽을 수 없습니다',
    help: '잃어버린 것은 없습니다. 잠시 후 다시 시도하세요. 요청받지 않는 한 다시 로그인할 필요는 없습니다.',
  },
  audit_unavailable: { title: '감사 기록을 쓸 수 없어 아무것도 발급하지 않았습니다', help: tryLater },
  internal: { title: '내부에서 문제가 생겼습니다', help: tellAdministrators },
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
    toPortal: '포털로 가기',
    backToAccounts: '계정 목록으로 돌아가기',
    notNow: '나중에',
    continueOn: '계속',
    requestId: '요청 번호',
    hours: (count) => `${count}시간`,
    minutes: (count) => `${count}분`,
    seconds: (count) => `${count}초`,
    copy: '복사',
    copied: '복사됨',
    navigation: '페이지',
    sessionUntil: '로그인 만료:',
    sessionIdle: '한동안 아무 동작이 없었습니다. 세션이 {time}에 끝납니다.',
    sessionAbsolute: '세션이 {time}에 끝나며 연장할 수 없습니다. 지금 다시 로그인하면 이 페이지로 돌아옵니다.',
    sessionEnded: '세션이 끝났습니다. 다시 로그인하면 이 페이지로 돌아옵니다.',
    sessionReplaced: '이제 여기서는 {user}(으)로 로그인되어 있지 않습니다. 페이지를 다시 불러오세요.',
    staySignedIn: '로그인 유지',
    reload: '다시 불러오기',
    preferences: '언어와 색',
    themeLabel: '색',
    themes: { system: '시스템 설정', light: '밝게', dark: '어둡게' },
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
