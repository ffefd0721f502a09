'builtin' 'unalias' '--' '@NAME@' 2>/dev/null || 'builtin' 'true'
function @NAME@ {
  case ${1-} in
    (use|off) ;;
    (*)
      command rolo "$@"
      return
      ;;
  esac
  setopt localoptions noxtrace
  local __rolo_code=0 __rolo_text=''
  __rolo_text=$(ROLO_SHELL=zsh command rolo "$@") || __rolo_code=$?
  if (( __rolo_code == 0 )); then
    eval "$__rolo_text"
  fi
  return $__rolo_code
}
