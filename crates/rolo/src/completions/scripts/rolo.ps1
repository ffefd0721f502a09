# Completion of rolo for PowerShell.

Register-ArgumentCompleter -Native -CommandName @('rolo', 'assume-role', 'roly', '__ROLO_NAME__') -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    $words = @($elements | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
    })
    $current = "$wordToComplete".Trim("'", '"')
    $program = Get-Command -Name rolo -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $program) { return }
    $lines = @(& $program complete powershell -- @words "=$current" 2>$null)
    if ($lines.Count -eq 0) { return }
    if ($lines[0] -like 'command *') {
        $at = [int]$lines[0].Substring(8)
        $text = "$wordToComplete"
        if ($at -lt $elements.Count) {
            $text = $commandAst.Extent.Text.Substring($elements[$at].Extent.StartOffset - $commandAst.Extent.StartOffset)
            if (-not $wordToComplete) { $text += ' ' }
        }
        return (TabExpansion2 -inputScript $text -cursorColumn $text.Length).CompletionMatches
    }
    if ($lines[0] -ne 'values') { return }
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $about) { $about = $value }
        $typed = $value
        if ($value -notmatch '^[\w./:=+-]+$') { $typed = "'" + $value.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($typed, $value, 'ParameterValue', $about)
    }
}
