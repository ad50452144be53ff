using System.CommandLine;
using System.Text.Json;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Cli;

namespace HealthShare.Node.Receipts;

/// <summary>
/// <c>healthshare receipt verify</c>: verifies a receipt without any network. Exit status: 0 all that was checked holds and rests on a pinned
/// genesis block, 1 something does not hold or nothing was pinned, 2 wrong usage.
/// </summary>
internal static class ReceiptVerifyCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The receipt, as a node gave it." };
        var genesis = new Option<string?>("--genesis")
        {
            Description = "The channel's genesis block: its SHA-256 in hex, or a file with the block, as the members agreed on it.",
            HelpName = "HASH|FILE",
        };
        var hospitals = new Option<string?>("--hospitals")
        {
            Description = "MSP ids of the hospitals, separated by commas: more than half of them must have endorsed.",
            HelpName = "A,B,C",
        };
        var trust = new Option<FileInfo?>("--trust")
        {
            Description = "JSON file with both: {\"genesis\": \"HASH\", \"hospitals\": [\"A\", \"B\", \"C\"]}.",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of sentences." };
        var command = new Command("verify", "Verify a receipt offline: who signed it, what it says, and that members' nodes vouch for it.")
        {
            file, genesis, hospitals, trust, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(trust) is not null && (result.GetResult(genesis) is not null || result.GetResult(hospitals) is not null))
                result.AddError("Give either --trust FILE, or --genesis and --hospitals.");
            if (result.GetValue(hospitals) is { } list && !ReceiptTrust.AreMembers(list.Split(',')))
                result.AddError("--hospitals is a list of MSP ids, separated by commas.");
        });
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(genesis), parsed.GetValue(hospitals),
            parsed.GetValue(trust), parsed.GetValue(json), parsed.InvocationConfiguration, ct));
        return command;
    }

    private static async Task<int> RunAsync(
        FileInfo file, string? genesis, string? hospitals, FileInfo? trustFile, bool json, InvocationConfiguration console, CancellationToken ct)
    {
        byte[] receipt;
        ReceiptTrust trust;
        try
        {
            if (file.Length > ReceiptVerifier.MaxBytes)
            {
                await console.Error.WriteLineAsync($"'{file.Name}' is longer than any receipt.");
                return NodeCommandLine.Failure;
            }
            receipt = await File.ReadAllBytesAsync(file.FullName, ct);
            trust = trustFile is not null
                ? ReceiptTrust.Read(await File.ReadAllBytesAsync(trustFile.FullName, ct))
                : new ReceiptTrust(genesis is null ? null : await HashOfAsync(genesis, ct), hospitals?.Split(','));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FabricDataException)
        {
            await console.Error.WriteLineAsync(e.Message);
            return NodeCommandLine.WrongUsage;
        }
        var report = ReceiptVerifier.Verify(receipt, trust);
        if (json)
            await console.Output.WriteLineAsync(JsonSerializer.Serialize(report, ReceiptReportJson.Default.ReceiptReport));
        else
            await WriteAsync(report, console.Output);
        // What no pin anchors proves nothing, however well it holds together: a script must not take it for proof.
        return report is { Ok: true, Anchored: true } ? NodeCommandLine.Success : NodeCommandLine.Failure;
    }

    private static async Task<string> HashOfAsync(string genesis, CancellationToken ct) => ReceiptTrust.IsHash(genesis)
        ? genesis
        : !File.Exists(genesis)
        ? throw new FileNotFoundException("--genesis is neither a SHA-256, 64 hexadecimal digits, nor a file with the block.")
        : Convert.ToHexStringLower(BlockView.Read(await File.ReadAllBytesAsync(genesis, ct)).Hash.Span);

    private static async Task WriteAsync(ReceiptReport report, TextWriter output)
    {
        if (report.Receipt is { } about)
        {
            await output.WriteLineAsync($"Receipt for {about.Id} of patient {about.PatientId} on channel {about.Channel}.");
            await output.WriteLineAsync($"Genesis block SHA-256 {about.GenesisHash}: compare it with what the members agreed on.");
        }
        foreach (var finding in report.Checks)
            await output.WriteLineAsync($"{(finding.Ok ? "ok   " : "FAULT")} {finding.Name}: {finding.Text}");
        foreach (var text in report.NotChecked)
            await output.WriteLineAsync($"Not checked: {text}");
        await output.WriteLineAsync(!report.Ok ? "The receipt does NOT hold."
            : report.Anchored ? "The receipt holds."
            : "The receipt holds in itself, but is NOT ANCHORED: give --genesis or --trust.");
    }
}
