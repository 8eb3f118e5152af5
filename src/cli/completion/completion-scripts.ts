// What each shell needs to ask `rolegate complete`. No shell evaluates what comes back: a name is inserted as it is, and
// the command prints only names that mean nothing to a shell.

const bash = `_rolegate() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <(rolegate complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _rolegate rolegate`;

const zsh = `#compdef rolegate
_rolegate() {
  local -a found
  found=("\${(@f)$(rolegate complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
if [[ "\${funcstack[1]}" = _rolegate ]]; then _rolegate "$@"; else compdef _rolegate rolegate; fi`;

const fish = `function __rolegate_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  rolegate complete -- $words "$current" 2>/dev/null
end
complete -c rolegate -f -a '(__rolegate_complete)'`;

// PowerShell before 7.3 drops an empty argument: it is asked for by name.
const pwsh = `Register-ArgumentCompleter -Native -CommandName rolegate -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $found = if ($wordToComplete) { rolegate complete '--' @words $wordToComplete 2>$null }
    else { rolegate complete --new-word '--' @words 2>$null }
  $found | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}`;

export const completionScripts = { bash, zsh, fish, pwsh } as const;
export const completionShells = Object.keys(completionScripts);
