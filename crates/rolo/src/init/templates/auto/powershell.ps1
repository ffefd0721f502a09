function global:__rolo_auto {
  if ($Env:ROLO_USE -and $Env:AWS_CREDENTIAL_EXPIRATION -and $Env:AWS_CREDENTIAL_EXPIRATION -ne $global:__rolo_told) {
    $code = $global:LASTEXITCODE
    @NAME@ use --auto .
    if ($global:LASTEXITCODE -ne 0) { $global:__rolo_told = $Env:AWS_CREDENTIAL_EXPIRATION }
    $global:LASTEXITCODE = $code
  }
}
if (-not $global:__rolo_prompt) {
  $global:__rolo_prompt = $function:prompt
  function global:prompt {
    __rolo_auto
    & $global:__rolo_prompt
  }
}
