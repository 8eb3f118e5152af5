// 한국어: 명령줄 도구를 내려받는 화면.
import type { Messages } from '../../page/messages/en.ts';

export const downloadKo: Messages['download'] = {
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
};
