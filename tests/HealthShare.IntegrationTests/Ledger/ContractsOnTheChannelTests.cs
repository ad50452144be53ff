using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.IntegrationTests.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Audit;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.Vault.Sealing;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.IntegrationTests.Ledger;

/// <summary>The chaincode as peers run it: real proposals, endorsements, blocks and private collections.</summary>
[Collection(NodesCollection.Name)]
public sealed class ContractsOnTheChannelTests(NodesOnAChannel nodes)
{
    private readonly ChannelUnderTest channel = nodes.Channel;
    private readonly byte[] labelKey = RandomNumberGenerator.GetBytes(Token.LabelKeyLength);
    private readonly SoftwareAuthenticator passkey = SoftwareAuthenticator.Create("north.localhost", "http://north.localhost:5101");
    private readonly string patient = LedgerId.New(IdKind.Patient);

    private static LedgerJson Json => LedgerJson.Default;

    private string North => channel.Hospital(0);

    private string South => channel.Hospital(1);

    private string East => channel.Hospital(2);

    [ChannelFact]
    public async Task A_key_reaches_only_the_member_that_the_patient_permits_and_only_until_the_revocation()
    {
        var southKey = nodes.South.App.Services.GetRequiredService<NodeKeys>().SealingKey;
        var before = (await channel.As(North).GetChainInfoAsync()).Height;
        var (glucose, hiv) = await EnrollWithRecordsAsync();
        var grant = await SignAsync(Consent());
        await SubmitAsync(North, LedgerTransactions.GrantConsent, grant, Json.SignedStatement);

        var asked = await AskAsync(South, "physician", glucose, hiv);
        Assert.Equal([true, false], asked.Decisions.Select(decision => decision.Permitted));
        Assert.All((await AskAsync(East, "nurse", glucose)).Decisions, decision => Assert.False(decision.Permitted));

        var (release, envelope) = Seal(asked, glucose, southKey);
        await SubmitAsync(North, LedgerTransactions.ReleaseKeys, release, Json.ReleaseKeys);
        var delivery = ChannelUnderTest.Call(LedgerTransactions.DeliverKeys, new DeliverKeys(release.Access, release.ReleaseId), Json.DeliverKeys)
            with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { [LedgerTransactions.EnvelopeField] = envelope },
            Organizations = [North],
        };
        await SubmitAsync(North, delivery);

        var query = ChannelUnderTest.Call(
            LedgerTransactions.GetEnvelope, new GetEnvelope(release.Access, North, release.ReleaseId), Json.GetEnvelope)
            with
        { Organizations = [North] };
        var received = ChannelUnderTest.Read(await channel.As(South).EvaluateAsync(query), Json.SealedEnvelope);
        Assert.Equal(envelope, Base64Url.DecodeFromChars(received.Envelope));
        var refused = await Assert.ThrowsAsync<LedgerException>(() => channel.As(East).EvaluateAsync(query));
        Assert.Equal("access.not_requester", refused.Code);

        // A second request is endorsed before the revocation commits and submitted after it.
        var held = await channel.As(South).EndorseAsync(Request(South, "physician", glucose));
        var revocation = await SignAsync(new RevokeBody(StatementReader.Read(Base64Url.DecodeFromChars(grant.Statement)).Id));
        await SubmitAsync(South, LedgerTransactions.RevokeConsent, revocation, Json.SignedStatement);
        await channel.As(South).SubmitEndorsedAsync(held);
        var late = await channel.As(South).GetCommitStatusAsync(held.TransactionId);
        Assert.Equal(TxValidationCode.PhantomReadConflict, late.Code);
        Assert.All((await AskAsync(South, "physician", glucose)).Decisions, decision => Assert.False(decision.Permitted));
        var again = Seal(asked, glucose, southKey).Release;
        var tooLate = await Assert.ThrowsAsync<LedgerException>(
            () => SubmitAsync(North, LedgerTransactions.ReleaseKeys, again, Json.ReleaseKeys));
        Assert.Equal("access.no_longer_permitted", tooLate.Code);

        await ReplayAsync(before);
    }

    private async Task ReplayAsync(ulong before)
    {
        var (decisions, releases) = (0L, 0L);
        var (verifier, replay) = (new BlockVerifier(), new DecisionReplay(channel.Profile.Channel));
        var height = (await channel.As(North).GetChainInfoAsync()).Height;
        await foreach (var block in channel.As(North).BlocksAsync(0, height - 1))
        {
            Assert.Null(verifier.Verify(block));
            Assert.Null(await replay.ApplyAsync(new BlockView(block), verifier.Outcomes, CancellationToken.None));
            if (block.Header.Number + 1 == before)
                (decisions, releases) = (replay.Decisions, replay.Releases);
        }
        Assert.Equal(4, replay.Decisions - decisions);
        Assert.Equal(1, replay.Releases - releases);
    }

    private GrantBody Consent() => new(
        Effect.Permit,
        [
            new Provision
            {
                Who = [new WhoOrg(South, "physician")],
                Purpose = ["TREAT"],
                Category = [Token.Compute(labelKey, TokenDimension.Category, "laboratory")],
                Except = [new Provision { Labels = [Token.Compute(labelKey, TokenDimension.Label, "HIV")] }],
            },
        ],
        new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow), LedgerTime.Truncate(DateTimeOffset.UtcNow.AddDays(30))));

    private async Task<(RecordRef Glucose, RecordRef Hiv)> EnrollWithRecordsAsync()
    {
        var credential = new Credential(
            passkey.CredentialId, Base64Url.EncodeToString(passkey.CoseKey.Span), passkey.RpId, [passkey.Origin]);
        await SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(patient, [credential]), Json.EnrollPatient);
        await SubmitAsync(South, LedgerTransactions.LinkPatient, await SignAsync(new LinkBody(South)), Json.SignedStatement);
        var (glucose, hiv) = (NewRecord(), NewRecord("HIV"));
        await SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([glucose, hiv]), Json.RegisterRecords);
        return (new RecordRef(North, glucose.RecordId), new RecordRef(North, hiv.RecordId));
    }

    private NewRecord NewRecord(params string[] labels) => new(
        patient, LedgerId.New(IdKind.Record), [Token.Compute(labelKey, TokenDimension.Category, "laboratory")],
        [.. labels.Select(label => Token.Compute(labelKey, TokenDimension.Label, label))], "N",
        LedgerTime.Truncate(DateTimeOffset.UtcNow), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", 100,
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    private Task<SignedStatement> SignAsync(StatementBody body)
    {
        var bytes = StatementWriter.Write(new Statement(
            channel.Profile.Channel, LedgerId.New(IdKind.Statement), patient, new StatementSigner(passkey.CredentialId),
            LedgerTime.Truncate(DateTimeOffset.UtcNow), body));
        var made = passkey.Sign(bytes);
        return Task.FromResult(new SignedStatement(Base64Url.EncodeToString(bytes), new SignedAssertion(
            made.Credential, Base64Url.EncodeToString(made.AuthenticatorData.Span),
            Base64Url.EncodeToString(made.ClientDataJson.Span), Base64Url.EncodeToString(made.Signature.Span))));
    }

    private TransactionRequest Request(string member, string role, params RecordRef[] records) => ChannelUnderTest.Call(
        LedgerTransactions.RequestAccess,
        new RequestAccess(patient, LedgerId.New(IdKind.Access), records, "TREAT", role, $"sf-{member}-1"), Json.RequestAccess);

    private async Task<AccessEntry> AskAsync(string member, string role, params RecordRef[] records) =>
        ChannelUnderTest.Read((await SubmitAsync(member, Request(member, role, records))).Result, Json.AccessEntry);

    private (ReleaseKeys Release, byte[] Envelope) Seal(AccessEntry access, RecordRef record, SealingPublicKey recipient)
    {
        var envelope = KeyEnvelope.Seal(
            [new EnvelopeKey(record.RecordId, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(16))], recipient, "{}"u8);
        return (new ReleaseKeys(
            access.Ref, LedgerId.New(IdKind.Release), [record.RecordId], recipient.KeyId,
            Base64Url.EncodeToString(SHA256.HashData(envelope))), envelope);
    }

    private Task<TransactionResult> SubmitAsync<T>(string member, string transaction, T argument, JsonTypeInfo<T> type) =>
        SubmitAsync(member, ChannelUnderTest.Call(transaction, argument, type));

    // On a real network a peer may be a block behind the one that endorsed before; that passes.
    private async Task<TransactionResult> SubmitAsync(string member, TransactionRequest request)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await channel.As(member).SubmitAsync(request);
            }
            catch (LedgerException e) when (e.IsTransient && attempt < 20)
            {
                await Task.Delay(100);
            }
        }
    }
}
