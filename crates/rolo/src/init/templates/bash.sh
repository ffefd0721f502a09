# shellcheck shell=bash
unalias @NAME@ 2>/dev/null || true
function @NAME@ {
  case ${1-} in
    use | off) ;;
    *)
      command rolo "$@"
      return
      ;;
  esac
  local __rolo_trace='' __rolo_code=0 __rolo_text
  case $- in *x*) __rolo_trace=x && set +x ;; esac
  __rolo_text=$(ROLO_SHELL=bash command rolo "$@") || __rolo_code=$?
  if [ "$__rolo_code" -eq 0 ]; then
    eval "$__rolo_text"
  fi
  __rolo_text=
  if [ -n "$__rolo_trace" ]; then set -x; fi
  return "$__rolo_code"
}
