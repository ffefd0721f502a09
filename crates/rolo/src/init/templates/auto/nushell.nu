def --env __rolo_auto [] {
  if ROLO_USE in $env and AWS_CREDENTIAL_EXPIRATION in $env {
    let end = $env.AWS_CREDENTIAL_EXPIRATION
    # A record, which no child gets to see.
    if $env.__rolo_told?.end? != $end {
      try { @NAME@ use --auto . } catch { $env.__rolo_told = { end: $end } }
    }
  }
}
$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | append {|| __rolo_auto })
$env.config.hooks.pre_execution = ($env.config.hooks.pre_execution? | default [] | append {|| __rolo_auto })
