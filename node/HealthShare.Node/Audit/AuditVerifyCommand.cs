using System.CommandLine;
using System.Runtime.CompilerServices;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Cli;

namespace HealthShare.Node.Audit;

/// <summary>
/// <c>healthshare audit verify</c>: verifies every block of the channel from the genesis block on, trusting no member,
/// recomputes every decision and release in it, and names the first fault. Exit status: 0 all right, 1 a fault or a failure, 2 wrong usage.
/// </summary>
public static class AuditVerifyCommand
{
    /// <summary>Makes the <c>verify</c> command, to be placed under <c>audit</c>.</summary>
    public static Command Create()
    {
        var connection = new Option<FileInfo?>("--connection")
        {
            Description = "Connection file of a running network; the blocks come from the first peer of the member.",
            HelpName = "FILE",
        };
        var blocks = new Option<DirectoryInfo?>("--blocks")
        {
            Description = "Folder with a block file, or with 0.block, 1.block and so on.",
            HelpName = "DIR",
        };
        var mspId = new Option<string?>("--msp") { Description = "MSP id of the member to ask; default: the file's first.", HelpName = "ID" };
        var user = new Option<string?>("--user") { Description = "User of that member to ask as; default: its first.", HelpName = "NAME" };
        var genesis = new Option<string?>("--genesis")
        {
            Description = "SHA-256 that the genesis block must have, in hex, as the members agreed on it.",
            HelpName = "HASH",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of sentences." };
        var command = new Command("verify", "Verify every block from the genesis block on, and every decision and release in it.")
        {
            connection, blocks, mspId, user, genesis, json,
        };
        command.Validators.Add(result =>
        {
            var (live, stored) = (result.GetResult(connection) is not null, result.GetResult(blocks) is not null);
            if (live == stored)
                result.AddError("Give either --connection FILE or --blocks DIR.");
            if (stored && (result.GetResult(mspId) is not null || result.GetResult(user) is not null))
                result.AddError("--msp and --user go with --connection.");
            if (result.GetValue(genesis) is { } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
                result.AddError("--genesis is a SHA-256 hash: 64 hexadecimal digits.");
        });
        command.SetAction((parsed, ct) =>
        {
            var console = parsed.InvocationConfiguration;
            var report = new AuditReport(console.Output, console.Error, parsed.GetValue(json), TimeProvider.System);
            var pinned = parsed.GetValue(genesis);
            return parsed.GetValue(blocks) is { } folder
                ? VerifyFolderAsync(folder, pinned, report, ct)
                : VerifyNetworkAsync(parsed.GetValue(connection)!, parsed.GetValue(mspId), parsed.GetValue(user), pinned, report, ct);
        });
        return command;
    }

    private static async Task<int> VerifyFolderAsync(
        DirectoryInfo folder, string? genesis, AuditReport report, CancellationToken ct)
    {
        if (!folder.Exists)
        {
            await report.ComplainAsync($"The folder '{folder.FullName}' does not exist.");
            return NodeCommandLine.WrongUsage;
        }
        var verifier = new BlockVerifier();
        try
        {
            using var stored = new StoredBlocks(folder.FullName);
            return await VerifyAsync(verifier, Enumerate(stored.ReadAll(), ct), stored.Height, genesis, report, ct);
        }
        catch (BlockFileException e)
        {
            // What opening finds lies behind blocks that were not verified yet.
            return await report.FinishAsync(verifier.Summary, AuditFault.Of(
                new BlockFault(BlockFaultKind.Unreadable, e.BlockNumber, null, null, $"{e.Reason} (offset {e.Offset}).")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await report.ComplainAsync(e.Message);
            return NodeCommandLine.WrongUsage;
        }
    }

    private static async Task<int> VerifyNetworkAsync(
        FileInfo file, string? mspId, string? user, string? genesis, AuditReport report, CancellationToken ct)
    {
        try
        {
            await using var client = GatewayClient.Connect(ConnectionFile.Read(file.FullName), mspId, user);
            // What is committed later belongs to the next audit; a moving end would never be reached.
            var height = (await client.GetChainInfoAsync(ct)).Height;
            var blocks = height == 0 ? Enumerate([], ct) : client.BlocksAsync(0, height - 1, ct);
            return await VerifyAsync(new BlockVerifier(), blocks, height, genesis, report, ct);
        }
        catch (Exception e) when (e is ConnectionProfileException or FabricDataException or IOException or UnauthorizedAccessException)
        {
            await report.ComplainAsync(e.Message);
            return NodeCommandLine.WrongUsage;
        }
        catch (LedgerException e)
        {
            await report.ComplainAsync(e.Message);
            return NodeCommandLine.Failure;
        }
    }

    private static async Task<int> VerifyAsync(
        BlockVerifier verifier, IAsyncEnumerable<Block> blocks, ulong height, string? genesis, AuditReport report, CancellationToken ct)
    {
        DecisionReplay? replay = null;
        await foreach (var block in blocks.WithCancellation(ct))
        {
            if (verifier.Verify(block) is { } fault)
                return await report.FinishAsync(verifier.Summary, AuditFault.Of(fault), replay);
            if (block.Header.Number == 0 && genesis is not null
                && !genesis.Equals(verifier.Summary.GenesisHash, StringComparison.OrdinalIgnoreCase))
                return await report.FinishAsync(verifier.Summary, AuditFault.Of(new BlockFault(BlockFaultKind.Configuration, 0, null, null,
                    $"The genesis block has the hash {verifier.Summary.GenesisHash}, not the one that was given.")));
            replay ??= new DecisionReplay(verifier.Summary.Channel);
            if (await replay.ApplyAsync(new BlockView(block), verifier.Outcomes, ct) is { } finding)
            {
                if (finding.Cause is { } cause)
                    await report.ComplainAsync(cause.ToString());
                return await report.FinishAsync(verifier.Summary, AuditFault.Of(finding), replay);
            }
            await report.ProgressAsync(block.Header.Number + 1, height);
        }
        // A ledger without even a genesis block is nothing that could be found right.
        if (height == 0)
            return await report.FinishAsync(verifier.Summary, AuditFault.Of(verifier.Unreadable("There is no block.")), replay);
        return await report.FinishAsync(verifier.Summary, verifier.Summary.Blocks == height
            ? null
            : AuditFault.Of(verifier.Unreadable($"The blocks end after {verifier.Summary.Blocks} of {height}.")), replay);
    }

    private static async IAsyncEnumerable<Block> Enumerate(IEnumerable<Block> blocks, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var block in blocks)
        {
            ct.ThrowIfCancellationRequested();
            yield return block;
        }
        await Task.CompletedTask;
    }
}
