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
    /// <param name="summary">What was verified.</param>
    /// <param name="fault">The first fault; null when there is none.</param>
    /// <param name="replay">The replay of the decisions; null when it came to none.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> FinishAsync(VerificationSummary summary, AuditFault? fault, DecisionReplay? replay = null)
    {
        if (json)
        {
            var result = AuditResult.Of(summary, fault, replay);
            await output.WriteLineAsync(JsonSerializer.Serialize(result, AuditJson.Default.AuditResult));
        }
        else
        {
            await WriteSentencesAsync(summary, fault, replay);
        }
        return fault is null ? NodeCommandLine.Success : NodeCommandLine.Failure;
    }

    /// <summary>Says what kept the verification from its end.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> FailAsync(string failure)
    {
        await ComplainAsync(failure);
        if (json)
            await output.WriteLineAsync(JsonSerializer.Serialize(new AuditFailure(false, failure), AuditJson.Default.AuditFailure));
        return NodeCommandLine.Failure;
    }

    private async Task WriteSentencesAsync(VerificationSummary summary, AuditFault? fault, DecisionReplay? replay)
    {
        if (summary.Channel.Length > 0)
        {
            await output.WriteLineAsync($"Channel {summary.Channel}, members {string.Join(", ", summary.Members)}.");
            await output.WriteLineAsync($"Genesis block SHA-256 {summary.GenesisHash}: compare it with what the members agreed on.");
        }
        var outcomes = string.Join(", ", summary.Outcomes.Select(outcome => $"{outcome.Value} {outcome.Key}"));
        await output.WriteLineAsync(
            $"{summary.Blocks} blocks with {summary.Transactions} transactions ({outcomes}) and {summary.Signatures} signatures are right.");
        if (replay is { HasEntries: true })
            await output.WriteLineAsync($"{replay.Decisions} decisions and {replay.Releases} releases were recomputed, by version {DecisionReplay.RulesVersion} of the rules.");
        if (summary.BlocksWithoutFlags > 0)
            await output.WriteLineAsync($"{summary.BlocksWithoutFlags} blocks carry no validation flags to compare with.");
        foreach (var (what, count) in summary.NotChecked)
            await output.WriteLineAsync($"Not checked, {count} times: {what}.");
        await output.WriteLineAsync(fault is null ? "No fault found." : $"FAULT in {fault}");
    }
}

/// <summary>
/// The result as a program reads it; <see cref="RulesVersion"/> is <see cref="DecisionReplay.RulesVersion"/> as it was then, null where it came
/// to no replay, and in results from before there were versions.
/// </summary>
internal sealed record AuditResult(
    bool Ok, string Channel, string GenesisHash, IReadOnlyList<string> Members, ulong Blocks, long Transactions,
    IReadOnlyDictionary<string, long> Outcomes, long Signatures, long Decisions, long Releases, long BlocksWithoutFlags,
    IReadOnlyDictionary<string, long> NotChecked, AuditFault? Fault, int? RulesVersion = null)
{
    public static AuditResult Of(VerificationSummary summary, AuditFault? fault, DecisionReplay? replay) => new(
        fault is null, summary.Channel, summary.GenesisHash, summary.Members, summary.Blocks, summary.Transactions,
        summary.Outcomes.ToDictionary(outcome => outcome.Key.ToString(), outcome => outcome.Value), summary.Signatures,
        replay?.Decisions ?? 0, replay?.Releases ?? 0, summary.BlocksWithoutFlags, summary.NotChecked, fault,
        replay is null ? null : DecisionReplay.RulesVersion);
}

/// <summary>A verification that came to no end, as a program reads it: no fault of the channel.</summary>
internal sealed record AuditFailure(bool Ok, string Failure);

/// <summary>The first fault, of the blocks or of what stands in them, as a program reads it.</summary>
internal sealed record AuditFault(string Kind, ulong Block, int? TransactionIndex, string? TransactionId, string Text)
{
    public static AuditFault Of(BlockFault fault) =>
        new(fault.Kind.ToString(), fault.Block, fault.TransactionIndex, fault.TransactionId, fault.Text);

    public static AuditFault Of(ReplayFault fault) =>
        new(fault.Kind.ToString(), fault.Block, fault.TransactionIndex, fault.TransactionId, fault.Text);

    public override string ToString() => TransactionIndex is null
        ? $"block {Block}: {Kind}: {Text}"
        : $"block {Block}, transaction {TransactionIndex} ({TransactionId ?? "without an id"}): {Kind}: {Text}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AuditResult))]
[JsonSerializable(typeof(AuditFailure))]
internal sealed partial class AuditJson : JsonSerializerContext;
