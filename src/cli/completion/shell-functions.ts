// The function `assume`, which takes a role in the current shell and leaves it, and what a prompt shows of it. Each shell
// evaluates the lines of `rolegate export`, which quotes every value, and nothing else.
import type { completionScripts } from './completion-scripts.ts';

const posix = (shell: string) => `assume() {
  local lines code
  case "\${1-}" in
    -u | --unset) lines="$(command rolegate export --unset --shell ${shell})" ;;
    *) lines="$(command rolegate export --prompt --shell ${shell} "$@")" ;;
  esac
  code=$?
  eval "$lines"
  return $code
}
# For your prompt: PS1='$(rolegate_prompt)'"$PS1"
rolegate_prompt() {
  [ -n "\${ROLEGATE_ROLE-}" ] || return 0
  local left=$(( (\${ROLEGATE_EXPIRES:-0} - \${EPOCHSECONDS:-$(date +%s)}) / 60 ))
  if [ "$left" -gt 0 ]; then printf '[%s %sm] ' "$ROLEGATE_ROLE" "$left"; else printf '[%s expired] ' "$ROLEGATE_ROLE"; fi
}`;

const bash = `${posix('bash')}
_rolegate_assume() { _rolegate_ask export; }
complete -F _rolegate_assume assume`;

const zsh = `zmodload zsh/datetime 2>/dev/null
setopt prompt_subst
${posix('zsh')}
_rolegate_assume() { _rolegate_ask export; }
compdef _rolegate_assume assume`;

const fish = `function assume
  set -l lines
  if contains -- "$argv[1]" -u --unset
    set lines (command rolegate export --unset --shell fish)
  else
    set lines (command rolegate export --prompt --shell fish $argv)
  end
  set -l code $status
  printf '%s\\n' $lines | source
  return $code
end
# For your prompt: call rolegate_prompt in fish_prompt
function rolegate_prompt
  test -n "$ROLEGATE_ROLE"; or return 0
  set -l left (math --scale=0 "($ROLEGATE_EXPIRES - "(date +%s)") / 60")
  if test $left -gt 0; printf '[%s %sm] ' $ROLEGATE_ROLE $left; else; printf '[%s expired] ' $ROLEGATE_ROLE; end
end
complete -c assume -f -a '(__rolegate_complete export)'`;

const pwsh = `function assume {
  $lines = if ($args[0] -in '-u', '--unset') { rolegate export --unset --shell pwsh }
    else { rolegate export --prompt --shell pwsh @args }
  $code = $LASTEXITCODE
  $lines | Out-String | Invoke-Expression
  $global:LASTEXITCODE = $code
}
# For your prompt: call rolegate_prompt in the function prompt
function rolegate_prompt {
  if (-not $Env:ROLEGATE_ROLE) { return '' }
  $left = [math]::Floor(([long]$Env:ROLEGATE_EXPIRES - [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()) / 60)
  if ($left -gt 0) { "[$Env:ROLEGATE_ROLE \${left}m] " } else { "[$Env:ROLEGATE_ROLE expired] " }
}`;

export const assumeScripts: Readonly<Record<keyof typeof completionScripts, string>> = { bash, zsh, fish, pwsh };
