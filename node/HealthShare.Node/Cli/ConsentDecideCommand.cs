using System.CommandLine;
using System.Text.Json;
using HealthShare.Node.Consents.Cases;
using HealthShare.Node.Consents.Fhir;

namespace HealthShare.Node.Cli;

/// <summary>
/// <c>healthshare consent decide --cases MANIFEST</c>: maps FHIR Consents and holds the kernel's decisions against the ones
/// that a file expects. Exit status: 0 all agree, 1 a difference, 2 wrong usage.
/// </summary>
internal static class ConsentDecideCommand
{
    /// <summary>Makes the <c>decide</c> command, to be placed under <c>consent</c>.</summary>
    public static Command Create()
    {
        var cases = new Option<FileInfo>("--cases")
        {
            Description = "JSON file with consents (FHIR Consents beside it) and cases; docs/consent.md describes it.",
            HelpName = "MANIFEST",
            Required = true,
        };
        var profile = new Option<string>("--profile")
        {
            Description = "By whose rules: pcf (IHE Privacy Consent on FHIR) or channel (the consortium's, which are stricter).",
            DefaultValueFactory = static _ => "pcf",
        };
        profile.AcceptOnlyFromAmong("pcf", "channel");
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a line per case." };
        var command = new Command("decide", "Decide cases under FHIR Consents and print a line each: id, expected, decision, reason.")
        {
            cases, profile, json,
        };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(cases),
            parsed.GetValue(profile) is "channel" ? ConsentProfile.Channel : ConsentProfile.Pcf, parsed.GetValue(json),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, ct));
        return command;
    }

    private static async Task<int> RunAsync(
        FileInfo file, ConsentProfile profile, bool json, TextWriter output, TextWriter error, CancellationToken ct)
    {
        CaseResult[] results;
        try
        {
            var manifest = await CaseManifest.LoadAsync(file, ct);
            var decider = await CaseDecider.LoadAsync(manifest, file.DirectoryName!, profile, ct);
            results = [.. manifest.Cases.Select(decider.Decide)];
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            return NodeCommandLine.WrongUsage;
        }
        var differences = results.Count(static result => !result.Agrees);
        if (json)
        {
            var report = new CaseReport(profile is ConsentProfile.Pcf ? "pcf" : "channel", results.Length, differences, results);
            await output.WriteLineAsync(JsonSerializer.Serialize(report, CaseReportJson.Default.CaseReport));
        }
        else
        {
            foreach (var result in results)
                await output.WriteLineAsync($"{result.Id}\t{result.Expected}\t{result.Decision}\t{result.Reason}");
            await error.WriteLineAsync($"{results.Length} cases, {differences} differ.");
        }
        return differences == 0 ? NodeCommandLine.Success : NodeCommandLine.Failure;
    }
}
