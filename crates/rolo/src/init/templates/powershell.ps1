function global:@NAME@ {
  $__rolo = (Get-Command -Name rolo -CommandType Application -TotalCount 1).Source
  if ($args.Count -gt 0 -and @('use', 'off') -ccontains $args[0]) {
    $Env:ROLO_SHELL = 'powershell'
    try {
      $__rolo_text = & $__rolo @args
    } finally {
      Remove-Item Env:ROLO_SHELL -ErrorAction SilentlyContinue
    }
    if ($LASTEXITCODE -eq 0 -and $__rolo_text) {
      Invoke-Expression ($__rolo_text -join "`n")
    }
  } elseif ($MyInvocation.ExpectingInput) {
    $input | & $__rolo @args
  } else {
    & $__rolo @args
  }
}
