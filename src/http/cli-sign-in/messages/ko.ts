// 한국어: 명령줄 로그인, 명령줄 도구를 내려받는 화면.
import type { Messages } from '../../page/messages/en.ts';

export const cliSignInKo: Messages['cliSignIn'] = {
  title: '명령줄에서 로그인할까요?',
  asks: 'rolegate라는 프로그램이 로그인이 끝날 때까지 내 역할을 쓰려고 합니다.',
  compare: '지금 내 터미널에 이 코드가 보일 때만 허용하세요.',
  typeRemote: '다른 컴퓨터를 위한 로그인입니다. 지금 그곳의 내 터미널에 보이는 코드를 입력하세요.',
  typeElsewhere:
    '프로그램의 주소가 이 브라우저의 주소와 다릅니다. 직접 시작했을 때만 허용하세요. 지금 내 터미널에 보이는 코드를 입력하세요.',
  code: '코드',
  wrongCode: '이 로그인의 코드가 아닙니다. 터미널에 다른 코드가 보이면 허용하지 마세요.',
  otherPerson: '그사이 다른 사람으로 로그인되었습니다. 다시 정하세요.',
  machine: '컴퓨터',
  system: '운영 체제',
  machineUser: '그곳의 사용자',
  claimed: '그 컴퓨터가 알린 값이며 확인되지 않았습니다',
  unknown: '알리지 않음',
  askedFrom: '요청한 주소',
  askedAt: '요청한 시각',
  browserAt: '이 브라우저',
  seen: '이 서버가 본 값입니다',
  outdated:
    '그 컴퓨터의 rolegate가 이 서버보다 오래되어 로그인이 그 컴퓨터의 키에 묶이지 않습니다. 새 버전으로 바꾸세요.',
  allow: '허용',
  cancel: '취소',
  notMe: '내가 한 것이 아닙니다',
  warning:
    '누군가 메일, 채팅, 전화로 이 화면을 열게 했나요? 그렇다면 “내가 한 것이 아닙니다”를 고르세요. 허용하면 그 사람이 내 이름으로 AWS를 쓰게 됩니다.',
  allowedTitle: '허용했습니다',
  allowedText: '터미널이 저절로 이어집니다.',
  cancelledTitle: '취소했습니다',
  cancelledText: '터미널에 알립니다.',
  backToTerminal: '계속',
  deniedTitle: '거부하고 기록했습니다',
  deniedText:
    '아무것도 넘어가지 않았습니다. 누군가 이 화면을 열어 달라고 했다면 관리자에게 알리세요. 내 이름으로 AWS를 쓰려는 시도였습니다.',
  tellTerminal: '터미널에 알리기',
  remoteTitle: '터미널에 붙여 넣으세요',
  remoteText:
    '1분 안에 한 번만 쓸 수 있습니다. 로그인을 시작한 터미널에만 붙여 넣으세요. 다른 누구에게도 필요하지 않습니다.',
  remoteFailedTitle: '복사할 것이 없습니다',
  remoteFailedText:
    '로그인이 허용되지 않았습니다. 터미널에서 기다리는 명령은 Ctrl-C로 끝내고, 다시 하려면 거기서 시작하세요.',
  listTitle: 'CLI 세션',
  listIntro: '각각 로그인이 끝날 때까지 내 역할을 씁니다. 모르는 것은 끝내세요.',
  listNone: '없습니다.',
  listSince: '시작',
  listFrom: '주소',
  end: '끝내기',
  endAll: '모두 끝내기',
  signOutToo: '명령줄 로그인도 끝내기',
  goesOn: '명령줄에는 아직 로그인되어 있습니다.',
  seeAndEnd: '명령줄 로그인 보기와 끝내기',
  download: {
    pageLink: '명령줄',
    title: '명령줄에서 AWS 사용하기',
    intro:
      'rolegate 명령을 사용하면 하루에 한 번 평소 쓰는 브라우저에서 로그인하는 것으로 AWS CLI, Terraform, 모든 SDK에서 내 역할을 전부 쓸 수 있습니다.',
    needs: '파일 하나로 되어 있으며 Node.js 20.19 이상이 필요합니다. 24에서 가장 빨리 시작합니다.',
    unix: 'Linux, macOS, WSL',
    unixPath:
      '파일은 ~/.local/bin에 저장됩니다. 셸이 찾지 못하면 그 폴더를 PATH에 추가하세요. 새 버전도 같은 줄로 받습니다.',
    windows: 'Windows (PowerShell)',
    windowsPath: '파일은 홈 폴더의 .rolegate에 저장됩니다. 그 폴더를 Path에 추가하고 새 창을 여세요.',
    next: '다음 단계',
    nextText: '로그인한 다음 역할마다 프로필을 만드세요.',
    byHand: '직접 내려받기',
    hash: '파일의 SHA-256입니다. 위의 줄은 스스로 비교합니다. 다른 곳에서 받은 파일이라면 직접 비교하세요.',
    notHere: '이 서버에는 파일이 없습니다. 서버 운영자가 npm run build로 만들 수 있습니다.',
  },
};
