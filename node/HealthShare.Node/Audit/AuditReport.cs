using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Node.Cli;

namespace HealthShare.Node.Audit;

/// <summary>Tells people, or a program, how a verification goes and how it ended.</summary>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes progress and complaints.</param>
/// <param name="json">Print one JSON object instead of sentences, and no progress.</param>
/// <param name="clock">Times the progress: a line every two seconds.</param>
internal sealed class AuditReport(TextWriter output, TextWriter error, bool json, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private long lastProgress = clock.GetTimestamp();

    public Task ComplainAsync(string message) => error.WriteLineAsync(message);

    public async Task ProgressAsync(ulong done, ulong height)
    {
        if (json || done == height || clock.GetElapsedTime(lastProgress) < Pause)
            return;
        lastProgress = clock.GetTimestamp();
        await error.WriteLineAsync($"{done} of {height} blocks verified");
    }

    /// <summary>Prints the end of it.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> FinishAsync(VerificationSummary summary, BlockFault? fault)
    {
        if (json)
            await output.WriteLineAsync(JsonSerializer.Serialize(AuditResult.Of(summary, fault), AuditJson.Default.AuditResult));
        else
            await WriteSentencesAsync(summary, fault);
        return fault is null ? NodeCommandLine.Success : NodeCommandLine.Failure;
    }

    private async Task WriteSentencesAsync(VerificationSummary summary, BlockFault? fault)
    {
        if (summary.Channel.Length > 0)
        {
            await output.WriteLineAsync($"Channel {summary.Channel}, members {string.Join(", ", summary.Members)}.");
            await output.WriteLineAsync($"Genesis block SHA-256 {summary.GenesisHash}: compare it with what the members agreed on.");
        }
        var outcomes = string.Join(", ", summary.Outcomes.Select(outcome => $"{outcome.Value} {outcome.Key}"));
        await output.WriteLineAsync(
            $"{summary.Blocks} blocks with {summary.Transactions} transactions ({outcomes}) and {summary.Signatures} signatures are right.");
        if (summary.BlocksWithoutFlags > 0)
            await output.WriteLineAsync($"{summary.BlocksWithoutFlags} blocks carry no validation flags to compare with.");
        foreach (var (what, count) in summary.NotChecked)
            await output.WriteLineAsync($"Not checked, {count} times: {what}.");
        await output.WriteLineAsync(fault is null ? "No fault found." : $"FAULT in {fault}");
    }
}

/// <summary>The result as a program reads it.</summary>
internal sealed record AuditResult(
    bool Ok, string Channel, string GenesisHash, IReadOnlyList<string> Members, ulong Blocks, long Transactions,
    IReadOnlyDictionary<string, long> Outcomes, long Signatures, long BlocksWithoutFlags,
    IReadOnlyDictionary<string, long> NotChecked, AuditFault? Fault)
{
    public static AuditResult Of(VerificationSummary summary, BlockFault? fault) => new(
        fault is null, summary.Channel, summary.GenesisHash, summary.Members, summary.Blocks, summary.Transactions,
        summary.Outcomes.ToDictionary(outcome => outcome.Key.ToString(), outcome => outcome.Value), summary.Signatures,
        summary.BlocksWithoutFlags, summary.NotChecked,
        fault is null ? null : new(fault.Kind, fault.Block, fault.TransactionIndex, fault.TransactionId, fault.Text));
}

/// <summary>The first fault as a program reads it.</summary>
internal sealed record AuditFault(BlockFaultKind Kind, ulong Block, int? TransactionIndex, string? TransactionId, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AuditResult))]
internal sealed partial class AuditJson : JsonSerializerContext;
