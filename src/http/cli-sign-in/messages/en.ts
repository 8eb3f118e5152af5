// English: sign-in on the command line, and the command line for download.

export const cliSignInEn = {
  title: 'Sign in on the command line?',
  asks: 'A program called rolegate requests to use your roles until your sign-in session expires.',
  compare: 'Allow it only if your own terminal shows this code now:',
  typeRemote: 'This sign-in is for another machine. Type the code that your own terminal there shows now:',
  typeElsewhere:
    'The program runs at a different address than this browser. Allow it only if you started it yourself: type the code that your own terminal shows now.',
  code: 'Code',
  wrongCode: 'That is not the code of this sign-in. If your terminal shows another one, do not allow this.',
  otherPerson: 'You are now signed in as a different user. Decide again.',
  machine: 'Machine',
  system: 'System',
  machineUser: 'User on the machine',
  claimed: 'reported by that machine, not checked',
  unknown: 'unknown',
  askedFrom: 'Requested from',
  askedAt: 'Requested at',
  browserAt: 'This browser',
  seen: 'seen by this server',
  outdated:
    'The rolegate on that machine is older than this broker, so the sign-in is not bound to a key of the machine. Update it:',
  allow: 'Allow',
  cancel: 'Cancel',
  notMe: 'This was not me',
  warning:
    'Did you get this link by mail, chat or phone? Then choose “This was not me”: the sender would use AWS in your name.',
  allowedTitle: 'Allowed',
  allowedText: 'Your terminal continues automatically.',
  cancelledTitle: 'Cancelled',
  cancelledText: 'Your terminal shows that too.',
  backToTerminal: 'Continue',
  deniedTitle: 'Denied and recorded',
  deniedText:
    'The program has no access. If you were asked to open that page, tell your administrators: it was an attempt to use AWS in your name.',
  tellTerminal: 'Tell the terminal',
  remoteTitle: 'Copy this into your terminal',
  remoteText:
    'It works once, within one minute. Paste it only into the terminal where you started the sign-in, and share it with no one.',
  remoteFailedTitle: 'Nothing to copy',
  remoteFailedText:
    'The sign-in was not allowed. Press Ctrl-C in your terminal to end the waiting command. To try again, run it again.',
  listTitle: 'CLI sessions',
  listIntro:
    'Each session can use your roles until your sign-in session expires. End sessions that you do not recognise.',
  listNone: 'You have no CLI sessions.',
  listSince: 'Since',
  listFrom: 'From',
  end: 'End',
  endAll: 'End all',
  signOutToo: 'End CLI sessions too',
  goesOn: 'You are still signed in on the command line.',
  seeAndEnd: 'View and end CLI sessions',
  download: {
    pageLink: 'Command line',
    title: 'AWS on your command line',
    intro:
      'With the rolegate command you sign in once a day in your browser. The AWS CLI, Terraform and every SDK then work with all your roles.',
    needs: 'It is one file and needs Node.js 20.19 or newer. Node.js 24 starts fastest.',
    unix: 'Linux, macOS and WSL',
    unixPath:
      'The file goes to ~/.local/bin. If your shell does not find it there, add that folder to PATH. To update, run the same lines again.',
    windows: 'Windows, in PowerShell',
    windowsPath: 'The file goes to .rolegate in your home folder. Add that folder to Path, and open a new window.',
    next: 'Next',
    nextText: 'Sign in, then write a profile for each of your roles.',
    byHand: 'Manual download',
    hash: 'The SHA-256 of the file. The lines above check it; check it yourself if you got the file elsewhere.',
    notHere: 'The file is not on this server. Its operator can build it with npm run build.',
  },
} as const;
