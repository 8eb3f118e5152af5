// English: the page with the command line for download.

export const downloadEn = {
  pageLink: 'Command line',
  title: 'AWS on your command line',
  intro:
    'With the command rolegate you sign in once a day in your own browser; after that the AWS CLI, Terraform and every SDK work with all of your roles.',
  needs: 'It is one file, and needs Node.js 20.19 or newer; 24 starts fastest.',
  unix: 'Linux, macOS and WSL',
  unixPath:
    'The file goes to ~/.local/bin. If your shell does not find it there, add that folder to PATH. The same lines bring a newer version.',
  windows: 'Windows, in PowerShell',
  windowsPath: 'The file goes to .rolegate in your home folder. Add that folder to Path, and open a new window.',
  next: 'Then',
  nextText: 'Sign in, and have a profile written for each of your roles.',
  byHand: 'By hand',
  hash: 'Its SHA-256. The lines above compare it by themselves; compare it yourself if you got the file elsewhere.',
  notHere: 'The file is not on this server: whoever runs it makes it with npm run build.',
} as const;
