using Google.Protobuf;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Audit;

namespace HealthShare.Sandbox.Stories;

/// <summary>What the regulator does: verify every block and every decision, trusting no hospital.</summary>
internal sealed class LedgerAudit(StoryTeller teller)
{
    /// <summary>Reads the channel through the regulator's own gateway.</summary>
    public Task OverTheWireAsync(Consortium consortium, CancellationToken ct) => teller.StepAsync(
        "The regulator verifies every block from genesis and recomputes every decision and release", async () =>
        {
            await using var client = consortium.Connect(SandboxMember.Regulator);
            var (verifier, replay) = (new BlockVerifier(), new DecisionReplay(ConsortiumLedger.Channel));
            var height = (await client.GetChainInfoAsync(ct)).Height;
            await foreach (var block in client.BlocksAsync(0, height - 1, ct))
            {
                if (verifier.Verify(block) is { } fault)
                    throw new StoryException($"block {fault.Block}: {fault}");
                if (await replay.ApplyAsync(new BlockView(block), verifier.Outcomes, ct) is { } wrong)
                    throw new StoryException($"block {wrong.Block}: {wrong.Kind}: {wrong.Text}");
            }
            StoryTeller.Check(replay is { Decisions: > 0, Releases: > 0 }, "there was no decision or no release to recompute");
            return $"{height} blocks, {verifier.Summary.Signatures} signatures, {replay.Decisions} decisions, {replay.Releases} releases";
        });

    /// <summary>Changes one byte of a stored block, in a copy, and verifies the copy.</summary>
    public Task OfTheFilesAsync(DirectoryInfo state, CancellationToken ct) => teller.StepAsync(
        "One byte of a stored block is changed, and the verification names that block", async () =>
        {
            var copy = Directory.CreateTempSubdirectory("healthshare-audit-");
            try
            {
                ulong height;
                using (var stored = new StoredBlocks(Path.Combine(state.FullName, "ledger")))
                {
                    height = stored.Height;
                    foreach (var block in stored.ReadAll())
                        await File.WriteAllBytesAsync(FileOf(copy, block.Header.Number), block.ToByteArray(), ct);
                }
                StoryTeller.Check(Verify(copy) is null, "the copy is faulty before anything was changed");
                var changed = height / 2;
                await FlipByteOfDataAsync(FileOf(copy, changed), ct);
                var fault = Verify(copy);
                StoryTeller.Check(fault?.Block == changed, $"block {changed} was changed, the verification names {fault?.Block.ToString() ?? "none"}");
                return $"block {fault!.Block}, {fault.Kind}";
            }
            finally
            {
                copy.Delete(recursive: true);
            }
        });

    private static string FileOf(DirectoryInfo folder, ulong block) => Path.Combine(folder.FullName, $"{block}.block");

    private static BlockFault? Verify(DirectoryInfo folder)
    {
        var verifier = new BlockVerifier();
        using var blocks = new StoredBlocks(folder.FullName);
        foreach (var block in blocks.ReadAll())
        {
            if (verifier.Verify(block) is { } fault)
                return fault;
        }
        return null;
    }

    // In the middle of the first transaction, so that the block can still be read and only its content has changed.
    private static async Task FlipByteOfDataAsync(string file, CancellationToken ct)
    {
        var block = Block.Parser.ParseFrom(await File.ReadAllBytesAsync(file, ct));
        var data = block.Data.Data[0].ToByteArray();
        data[data.Length / 2] ^= 1;
        block.Data.Data[0] = ByteString.CopyFrom(data);
        await File.WriteAllBytesAsync(file, block.ToByteArray(), ct);
    }
}
