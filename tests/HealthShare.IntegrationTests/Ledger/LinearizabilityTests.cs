using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.IntegrationTests.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Audit;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.IntegrationTests.Ledger;

/// <summary>
/// Patients grant and revoke while hospitals ask and release, all at once. The blocks tell what happened in which order; each
/// permit and each release must be right at its own place in that order, whatever it was endorsed on.
/// </summary>
[Collection(NodesCollection.Name)]
public sealed class LinearizabilityTests(NodesOnAChannel nodes)
{
    private const int Patients = 3, Rounds = 6, Askers = 2;
    private readonly ChannelUnderTest channel = nodes.Channel;
    private readonly ConcurrentBag<string> held = [];
    private readonly ConcurrentDictionary<string, int> refusals = new(StringComparer.Ordinal);

    private static LedgerJson Json => LedgerJson.Default;

    private string North => channel.Hospital(0);

    private string South => channel.Hospital(1);

    [ChannelFact]
    public async Task No_permit_and_no_release_comes_after_a_revocation_that_was_committed_before_it()
    {
        var scenes = new List<Scene>();
        try
        {
            for (var i = 0; i < Patients; i++)
                scenes.Add(await EnrollAsync());
            await Task.WhenAll(scenes.Select(RunAsync));

            var history = await ReadAsync([.. scenes.Select(scene => scene.Patient)]);
            Assert.Empty(history.Wrong);
            Assert.True(history.Permits > 0 && history.Denials > 0 && history.Releases > 0, $"{history}; {string.Join(", ", refusals)}");
            // Endorsed while it was permitted, submitted after the revocation was committed: never valid.
            Assert.Equal(Patients * Rounds * 2, held.Count);
            Assert.All(held, id => Assert.NotEqual(TxValidationCode.Valid, history.Codes[id]));
        }
        finally
        {
            foreach (var scene in scenes)
                scene.Passkey.Dispose();
        }
    }

    private async Task RunAsync(Scene scene)
    {
        using var over = new CancellationTokenSource();
        var askers = Enumerable.Range(0, Askers).Select(_ => AskAndReleaseAsync(scene, over.Token)).ToList();
        try
        {
            await GrantAndRevokeAsync(scene);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(askers);
        }
        // One that nothing crosses, whatever became of the others.
        Assert.All((await AskAsync(scene)).Decisions, decision => Assert.False(decision.Permitted));
    }

    private async Task GrantAndRevokeAsync(Scene scene)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var grant = scene.Statement(new GrantBody(Effect.Permit,
                [new Provision { Who = [new WhoOrg(South, "physician")], Purpose = ["TREAT"] }],
                new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow), LedgerTime.Truncate(DateTimeOffset.UtcNow.AddDays(1)))));
            await SubmitAsync(North, LedgerTransactions.GrantConsent, scene.Sign(grant), Json.SignedStatement);
            if (round == 0)
            {
                var first = ReleaseOf(await AskAsync(scene));
                await OnceKnownAsync(() => SubmitAsync(North, LedgerTransactions.ReleaseKeys, first, Json.ReleaseKeys));
            }
            // Decided and endorsed while it is permitted, and kept back.
            var asked = await AskAsync(scene);
            Assert.All(asked.Decisions, decision => Assert.True(decision.Permitted));
            var late = await channel.As(South).EndorseAsync(ChannelUnderTest.Call(LedgerTransactions.RequestAccess, scene.Request(), Json.RequestAccess));
            var lateRelease = await OnceKnownAsync(() => channel.As(North).EndorseAsync(ChannelUnderTest.Call(LedgerTransactions.ReleaseKeys, ReleaseOf(asked), Json.ReleaseKeys)));
            await SubmitAsync(round % 2 == 0 ? North : South, LedgerTransactions.RevokeConsent, scene.Sign(scene.Statement(new RevokeBody(grant.Id))), Json.SignedStatement);
            await channel.As(South).SubmitEndorsedAsync(late);
            await channel.As(North).SubmitEndorsedAsync(lateRelease);
            held.Add(late.TransactionId);
            held.Add(lateRelease.TransactionId);
        }
        foreach (var id in held)
            await channel.As(North).GetCommitStatusAsync(id);
    }

    // The asker's peer has the access; the others may have its block a moment later.
    private static async Task<T> OnceKnownAsync<T>(Func<Task<T>> call)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            try
            {
                return await call();
            }
            catch (LedgerException e) when (e.Code == "access.not_found" && !patience.IsCancellationRequested)
            {
                await Task.Delay(20);
            }
        }
    }

    private async Task<AccessEntry> AskAsync(Scene scene) => JsonSerializer.Deserialize(
        (await SubmitAsync(South, LedgerTransactions.RequestAccess, scene.Request(), Json.RequestAccess)).Span, Json.AccessEntry)!;

    // Whatever comes: conflicts and refusals are part of it, and the blocks say what counts.
    private async Task AskAndReleaseAsync(Scene scene, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                var asked = await AskAsync(scene);
                if (asked.Decisions.All(decision => decision.Permitted))
                    await SubmitAsync(North, LedgerTransactions.ReleaseKeys, ReleaseOf(asked), Json.ReleaseKeys);
            }
            catch (LedgerException e)
            {
                refusals.AddOrUpdate(e.Code, 1, static (_, count) => count + 1);
            }
        }
    }

    private ReleaseKeys ReleaseOf(AccessEntry access) => new(
        access.Ref, LedgerId.New(IdKind.Release), [.. access.Decisions.Select(decision => decision.Record.RecordId)],
        nodes.South.App.Services.GetRequiredService<NodeKeys>().SealingKey.KeyId, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Goes through the blocks, keeping which permits stand, by nothing but the writes of valid transactions.</summary>
    private async Task<History> ReadAsync(HashSet<string> patients)
    {
        var history = new History();
        var standing = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var (verifier, replay) = (new BlockVerifier(), new DecisionReplay(channel.Profile.Channel));
        var height = (await channel.As(North).GetChainInfoAsync()).Height;
        await foreach (var block in channel.As(North).BlocksAsync(0, height - 1))
        {
            Assert.Null(verifier.Verify(block));
            var view = new BlockView(block);
            Assert.Null(await replay.ApplyAsync(view, verifier.Outcomes, CancellationToken.None));
            foreach (var transaction in view.Transactions.Where(transaction => transaction.Type is HeaderType.EndorserTransaction))
            {
                history.Codes[transaction.Id] = verifier.Outcomes[transaction.Index];
                if (verifier.Outcomes[transaction.Index] is not TxValidationCode.Valid)
                    continue;
                foreach (var write in transaction.Endorsed.RwSets.Where(set => set.Name == ContractCatalog.ChaincodeName).SelectMany(set => set.Public.Writes))
                    Take(write, $"block {view.Number}, {transaction.Id}");
            }
        }
        return history;

        void Take(KVWrite write, string place)
        {
            if (!LedgerKey.TryParse(write.Key, out var kind, out var parts) || parts.Count == 0 || !patients.Contains(parts[0]))
                return;
            var permits = standing.TryGetValue(parts[0], out var known) ? known : standing[parts[0]] = [];
            switch (kind)
            {
                case LedgerKind.Statement when write.IsDelete:
                    permits.Remove(parts[1]);
                    break;
                case LedgerKind.Statement:
                    permits.Add(parts[1]);
                    break;
                case LedgerKind.Access:
                    foreach (var decision in JsonSerializer.Deserialize(write.Value.Span, Json.AccessEntry)!.Decisions)
                    {
                        history.Count(decision.Permitted);
                        if (decision.Permitted != permits.Count > 0 || (decision.StatementId is { } id && !permits.Contains(id)))
                            history.Wrong.Add($"{place}: {decision.Reason} by {decision.StatementId} while {permits.Count} permits stood");
                    }
                    break;
                case LedgerKind.Release:
                    history.Releases++;
                    if (permits.Count == 0)
                        history.Wrong.Add($"{place}: a release while no permit stood");
                    break;
                default:
                    break;
            }
        }
    }

    private async Task<Scene> EnrollAsync()
    {
        var scene = new Scene(channel.Profile.Channel, North);
        var credential = new Credential(
            scene.Passkey.CredentialId, Base64Url.EncodeToString(scene.Passkey.CoseKey.Span), scene.Passkey.RpId, [scene.Passkey.Origin]);
        await SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.Patient, [credential]), Json.EnrollPatient);
        await SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([.. scene.Records.Select(record => new NewRecord(
            scene.Patient, record.RecordId, [Base64Url.EncodeToString(new byte[16])], [], "N", LedgerTime.Truncate(DateTimeOffset.UtcNow),
            "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", 100, Base64Url.EncodeToString(new byte[32])))]), Json.RegisterRecords);
        return scene;
    }

    private async Task<ReadOnlyMemory<byte>> SubmitAsync<T>(string caller, string transaction, T argument, JsonTypeInfo<T> type) =>
        (await channel.As(caller).SubmitAsync(
            ChannelUnderTest.Call(transaction, argument, type) with { IdempotencyKey = Guid.NewGuid().ToString("N") })).Result;

    private sealed class Scene(string channel, string custodian)
    {
        public SoftwareAuthenticator Passkey { get; } = SoftwareAuthenticator.Create("north.localhost", "http://north.localhost:5101");

        public string Patient { get; } = LedgerId.New(IdKind.Patient);

        public IReadOnlyList<RecordRef> Records { get; } =
            [.. Enumerable.Range(0, 2).Select(_ => new RecordRef(custodian, LedgerId.New(IdKind.Record)))];

        public RequestAccess Request() => new(Patient, LedgerId.New(IdKind.Access), Records, "TREAT", "physician", "s-1");

        public Statement Statement(StatementBody body) => new(channel, LedgerId.New(IdKind.Statement), Patient,
            new StatementSigner(Passkey.CredentialId), LedgerTime.Truncate(DateTimeOffset.UtcNow), body);

        public SignedStatement Sign(Statement statement)
        {
            var bytes = StatementWriter.Write(statement);
            var assertion = Passkey.Sign(bytes);
            return new SignedStatement(Base64Url.EncodeToString(bytes), new SignedAssertion(assertion.Credential,
                Base64Url.EncodeToString(assertion.AuthenticatorData.Span), Base64Url.EncodeToString(assertion.ClientDataJson.Span),
                Base64Url.EncodeToString(assertion.Signature.Span)));
        }
    }

    private sealed class History
    {
        public Dictionary<string, TxValidationCode> Codes { get; } = new(StringComparer.Ordinal);

        public List<string> Wrong { get; } = [];

        public int Permits { get; private set; }

        public int Denials { get; private set; }

        public int Releases { get; set; }

        public void Count(bool permitted) => (Permits, Denials) = permitted ? (Permits + 1, Denials) : (Permits, Denials + 1);

        public override string ToString() => $"{Permits} permits, {Denials} denials, {Releases} releases";
    }
}
