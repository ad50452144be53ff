using System.CommandLine;
using System.Runtime.CompilerServices;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Audit.Verification;
using HealthShare.Node.Cli;
using Microsoft.Data.Sqlite;

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
            return WithRoomAsync(report, () => parsed.GetValue(blocks) is { } folder
                ? VerifyFolderAsync(folder, pinned, report, ct)
                : VerifyNetworkAsync(parsed.GetValue(connection)!, parsed.GetValue(mspId), parsed.GetValue(user), pinned, report, ct));
        });
        return command;
    }

    /// <summary>Verifies; where the state finds no room, says so, since that says nothing about the channel.</summary>
    internal static async Task<int> WithRoomAsync(AuditReport report, Func<Task<int>> verify)
    {
        try
        {
            return await verify();
        }
        catch (SqliteException e)
        {
            return await report.FailAsync($"The state of the channel cannot be kept in '{StoredReplayState.Folder}', the folder for temporary files: {e.Message}");
        }
    }

    private static async Task<int> VerifyFolderAsync(
        DirectoryInfo folder, string? genesis, AuditReport report, CancellationToken ct)
    {
        if (!folder.Exists)
        {
            await report.ComplainAsync($"The folder '{folder.FullName}' does not exist.");
            return NodeCommandLine.WrongUsage;
        }
        using var verification = new ChannelVerification(genesis);
        try
        {
            using var stored = new StoredBlocks(folder.FullName);
            return await VerifyAsync(verification, Enumerate(stored.ReadAll(), ct), stored.Height, report, ct);
        }
        catch (BlockFileException e)
        {
            // What opening finds lies behind blocks that were not verified yet.
            return await report.FinishAsync(verification.Summary, AuditFault.Of(
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
            using var verification = new ChannelVerification(genesis);
            return await VerifyAsync(verification, blocks, height, report, ct);
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
        ChannelVerification verification, IAsyncEnumerable<Block> blocks, ulong height, AuditReport report, CancellationToken ct)
    {
        var fault = await verification.RunAsync(blocks, height, done => report.ProgressAsync(done, height), ct);
        if (verification.Cause is { } cause)
            await report.ComplainAsync(cause.ToString());
        return await report.FinishAsync(verification.Summary, fault, verification.Replay);
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
