// What each shell needs to ask `rolegate complete`. No shell evaluates what comes back: a name is inserted as it is, and
// the command prints only names that mean nothing to a shell. Behind `--` each shell completes the other program's line.

/**
 * Bash splits words at `:` and `=` (COMP_WORDBREAKS) and replaces only the last part, but ARNs and addresses have colons: the
 * words are joined again, and the front of the last one is removed from the answers.
 */
const bash = `_rolegate_ask() {
  local -a words=()
  local word line joined=1 index
  for ((index = 1; index <= COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [[ "$word" == -- ]]; then
      if declare -F _command_offset >/dev/null; then _command_offset $((index + 1)); return; fi
      local first=$((index + 1))
      if ((COMP_CWORD > first)); then compopt -o default 2>/dev/null
      else COMPREPLY=($(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}")); fi
      return
    fi
    if ((joined == 0 && \${#words[@]} > 0)) || [[ "$word" == [:=]* && \${#words[@]} -gt 0 ]]; then words[\${#words[@]} - 1]+="$word"
    else words+=("$word"); fi
    joined=1
    if [[ "$word" == *[:=] ]]; then joined=0; fi
  done
  local current="" last="\${COMP_WORDS[COMP_CWORD]}"
  if ((\${#words[@]} > 0)); then current="\${words[\${#words[@]} - 1]}"; fi
  if [[ "$last" == [:=] ]]; then last=""; fi
  local front="\${current%"$last"}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == @files ]]; then compopt -o default 2>/dev/null; return; fi
    COMPREPLY+=("\${line#"$front"}")
  done < <(rolegate complete -- "$@" "\${words[@]}" 2>/dev/null)
}
_rolegate() { _rolegate_ask; }
complete -F _rolegate rolegate`;

const zsh = `#compdef rolegate
_rolegate_ask() {
  local -a found
  local dashes=\${words[(I)--]}
  if ((dashes > 1 && dashes < CURRENT)); then
    shift $dashes words
    ((CURRENT -= dashes))
    _normal
    return
  fi
  found=("\${(@f)$(rolegate complete -- "$@" "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${found[1]}" = @files ]]; then _files
  elif [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; fi
}
_rolegate() { _rolegate_ask; }
if [[ "\${funcstack[1]}" = _rolegate ]]; then _rolegate "$@"; else compdef _rolegate rolegate; fi`;

const fish = `function __rolegate_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  if set -l dashes (contains -i -- -- $words)
    set -l rest $words[(math $dashes + 1)..-1]
    complete -C (string join ' ' -- (string escape -- $rest) $current)
    return
  end
  set -l found (rolegate complete --describe -- $argv $words "$current" 2>/dev/null)
  if test "$found" = @files
    __fish_complete_path "$current"
  else
    printf '%s\\n' $found
  end
end
complete -c rolegate -f -a '(__rolegate_complete)'`;

// PowerShell before 7.3 drops an empty argument: it is asked for by name.
const pwsh = `Register-ArgumentCompleter -Native -CommandName rolegate -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $found = if ($wordToComplete) { rolegate complete '--' @words $wordToComplete 2>$null }
    else { rolegate complete --new-word '--' @words 2>$null }
  $found | Where-Object { $_ -ne '@files' } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}`;

export const completionScripts = { bash, zsh, fish, pwsh } as const;
export const completionShells = Object.keys(completionScripts);
