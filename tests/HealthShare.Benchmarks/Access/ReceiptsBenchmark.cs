using System.Net;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Receipts;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Authenticator;
using HealthShare.Sandbox.Stories;

namespace HealthShare.Benchmarks.Access;

/// <summary>
/// Receipts of a grant: made by North's node over HTTP, which takes the transaction from its peer, checks and signs it, and has another
/// member's node sign; and verified from the file alone. The peer is bare signature verifications, as many as each of the two makes and checks.
/// </summary>
internal sealed class ReceiptsBenchmark : IBenchmark
{
    private const int Rounds = 5;
    // All rounds together stay below what a node lets one address ask without signing in (Http:AnonymousRequestsPerTenSeconds).
    private const int MadePerRound = 30;
    private const int VerifiedPerRound = 100;

    public string Name => "receipts";

    public string Summary => "receipts of a grant made over HTTP by two members' nodes, and verified offline, against as many bare P-256 verifications";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var state = Directory.CreateTempSubdirectory("healthshare-benchmark-");
        try
        {
            var options = new SandboxOptions { State = state, PortBase = FreePorts.Find() };
            using var bare = new BareVerification();
            Measure made;
            byte[] receipt;
            using (StateFolder.Take(options))
            await using (var consortium = await Consortium.StartAsync(options, progress, ct))
                (made, receipt) = await MakeAsync(consortium, bare, settings.Rounds ?? Rounds, progress, ct);
            return [made, await VerifyAsync(receipt, bare, settings.Rounds ?? Rounds, progress, ct)];
        }
        catch (Exception e) when (e is SandboxException or StoryException)
        {
            throw new MissingPieceException($"No patient with a grant could be made: {e.Message}");
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static async Task<(Measure Made, byte[] Receipt)> MakeAsync(
        Consortium consortium, BareVerification bare, int rounds, TextWriter progress, CancellationToken ct)
    {
        using var registrar = new NodeApi(consortium.SignIn(SandboxMember.North, "registrar"));
        var patientId = (await registrar.PatientOfAsync(Samples.PatientNumber, ct))["patientId"]!.GetValue<string>();
        using var device = new PatientDevice(patientId, SoftwareAuthenticator.Create(
            SandboxMember.North.Host, SandboxNode.OriginOf(SandboxMember.North, consortium.Ports)));
        (await registrar.PostAsync($"patients/{patientId}/first-credential", device.Credential, LedgerJson.Default.Credential, ct))
            .Expect(HttpStatusCode.Created, HttpStatusCode.OK);
        var now = LedgerTime.Truncate(TimeProvider.System.GetUtcNow());
        var grant = device.Sign(new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(SandboxMember.South.MspId, "physician")], Purpose = ["TREAT"] }], new Period(now, now.AddDays(30))));
        (await registrar.PostAsync($"patients/{patientId}/consents", grant.Signed, LedgerJson.Default.SignedStatement, ct)).Expect(HttpStatusCode.Created);
        var path = $"patients/{patientId}/consents/{SignedStatementReader.Read(grant.Signed).Id}/receipt";
        // Another member's node may have the block a moment later.
        var receipt = await StoryTeller.WaitForAsync("the receipt", async () =>
            (await registrar.GetAsync(path, ct)).Expect(HttpStatusCode.OK, HttpStatusCode.Accepted) is { Status: HttpStatusCode.OK } answer ? answer.Body : null, ct);

        // Checked are the sender's and each endorser's signature and certificate, and the other node's; two are made.
        var (endorsers, _) = Facts(receipt);
        var signatures = (2 * (1 + endorsers)) + 2 + 2;
        var (ours, peer) = await Measurement.ByTurnsAsync(async () =>
        {
            for (var i = 0; i < MadePerRound; i++)
                (await registrar.GetAsync(path, ct)).Expect(HttpStatusCode.OK);
        }, () => bare.RunAsync(MadePerRound * signatures), rounds, cleanUp: null, progress, ct);
        return (new Measure($"made, one after the other ({signatures} signatures each)", "receipts/s", MadePerRound / ours, MadePerRound / peer), receipt);
    }

    private static async Task<Measure> VerifyAsync(byte[] receipt, BareVerification bare, int rounds, TextWriter progress, CancellationToken ct)
    {
        Measurement.UseOneCore();
        var (endorsers, nodes) = Facts(receipt);
        var genesis = ReceiptVerifier.Verify(receipt, new ReceiptTrust()).Receipt!.GenesisHash;
        var trust = new ReceiptTrust(genesis, ["NorthMSP", "SouthMSP", "EastMSP"]);
        // Signature and certificate of the sender, the endorsers and the nodes, and the patient's assertion.
        var signatures = (2 * (1 + endorsers + nodes)) + 1;
        var (ours, peer) = await Measurement.ByTurnsAsync(() =>
        {
            for (var i = 0; i < VerifiedPerRound; i++)
            {
                if (ReceiptVerifier.Verify(receipt, trust) is not { Ok: true, Anchored: true })
                    throw new InvalidOperationException("A receipt does not verify.");
            }
            return Task.CompletedTask;
        }, () => bare.RunAsync(VerifiedPerRound * signatures), rounds, cleanUp: null, progress, ct);
        return new Measure($"verified, on one core ({signatures} signatures each)", "receipts/s", VerifiedPerRound / ours, VerifiedPerRound / peer);
    }

    private static (int Endorsers, int Nodes) Facts(byte[] receipt) => ReceiptVerifier.Verify(receipt, new ReceiptTrust()) is { Ok: true, Receipt: { } about }
        ? (about.Endorsers.Count, about.Nodes.Count)
        : throw new InvalidOperationException("A receipt does not verify.");

    /// <summary>One signature under one key that is kept, verified again and again.</summary>
    private sealed class BareVerification : IDisposable
    {
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly byte[] hash = RandomNumberGenerator.GetBytes(32);
        private readonly byte[] signature;

        public BareVerification() => signature = key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);

        public Task RunAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (!key.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence))
                    throw new InvalidOperationException("A signature does not verify.");
            }
            return Task.CompletedTask;
        }

        public void Dispose() => key.Dispose();
    }
}
