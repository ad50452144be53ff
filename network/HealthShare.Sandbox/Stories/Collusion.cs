using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.Sandbox.Stories;

/// <summary>
/// What a majority can do that runs another chaincode than the one agreed on: endorse, with good signatures, a release that no
/// contract would write. Played on a copy of the channel, since no node would go on after it.
/// </summary>
internal sealed class Collusion(StoryTeller teller)
{
    /// <summary>Forges a release and replays the channel.</summary>
    /// <param name="state">The sandbox's state; it is copied and left as it is.</param>
    /// <param name="access">An access whose permit was revoked.</param>
    /// <param name="recordId">A record of it at North.</param>
    /// <param name="keyId">The requester's sealing key.</param>
    /// <param name="ct">Stops the step.</param>
    public Task OfTheMajorityAsync(DirectoryInfo state, AccessRef access, string recordId, string keyId, CancellationToken ct) => teller.StepAsync(
        "A release without a permit is forged by colluding members, and the replay names it", async () =>
        {
            var copy = Directory.CreateTempSubdirectory("healthshare-collusion-");
            try
            {
                foreach (var folder in state.EnumerateDirectories().Where(folder => folder.Name is "ledger" or "crypto"))
                    Copy(folder, copy.CreateSubdirectory(folder.Name));
                var release = new ReleaseKeys(access, LedgerId.New(IdKind.Release), [recordId], keyId,
                    Base64Url.EncodeToString(SHA256.HashData("an envelope"u8)));
                await using var ledger = await ConsortiumLedger.StartAsync(
                    copy, null, NullLoggerFactory.Instance, ct, new ColludingChaincode(release, SandboxMember.North.MspId));
                await using var client = GatewayClient.Connect(
                    ConnectionFile.Read(ledger.Host.ConnectionFile), SandboxMember.North.MspId, "User1");
                await client.SubmitAsync(new TransactionRequest(ContractCatalog.ChaincodeName, LedgerTransactions.ReleaseKeys, "{}"), ct);
                var fault = await ReplayAsync(client, ct);
                StoryTeller.Check(fault is { Kind: ReplayFaultKind.ReleaseNotPermitted }, $"the replay found {fault?.Kind.ToString() ?? "nothing"}");
                return $"block {fault!.Block}, {fault.Kind}";
            }
            finally
            {
                copy.Delete(recursive: true);
            }
        });

    private static async Task<ReplayFault?> ReplayAsync(GatewayClient client, CancellationToken ct)
    {
        var (verifier, replay) = (new BlockVerifier(), new DecisionReplay(ConsortiumLedger.Channel));
        var height = (await client.GetChainInfoAsync(ct)).Height;
        await foreach (var block in client.BlocksAsync(0, height - 1, ct))
        {
            // Every signature is good: that is what makes it a forgery, and no fault of a block.
            StoryTeller.Check(verifier.Verify(block) is null, $"block {block.Header.Number} is not right in itself");
            if (await replay.ApplyAsync(new BlockView(block), verifier.Outcomes, ct) is { } fault)
                return fault;
        }
        return null;
    }

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        foreach (var file in from.EnumerateFiles())
            file.CopyTo(Path.Combine(to.FullName, file.Name));
        foreach (var folder in from.EnumerateDirectories())
            Copy(folder, to.CreateSubdirectory(folder.Name));
    }

    /// <summary>Writes one release, whatever it is asked.</summary>
    private sealed class ColludingChaincode(ReleaseKeys release, string custodian) : IChaincode
    {
        public async Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct)
        {
            var time = LedgerTime.Truncate(stub.ProposedAt);
            var entry = new ReleaseEntry(release, custodian, time, time.AddHours(1));
            await stub.PutStateAsync(LedgerKey.Release(release.Access, custodian, release.ReleaseId),
                JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.ReleaseEntry), ct);
            return ChaincodeResponse.Success();
        }
    }
}
