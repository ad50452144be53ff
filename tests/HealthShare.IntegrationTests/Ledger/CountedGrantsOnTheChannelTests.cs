using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.IntegrationTests.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.IntegrationTests.Ledger;

/// <summary>Counted permits under real ordering: blocks with several requests, conflicts, repetitions.</summary>
[Collection(NodesCollection.Name)]
public sealed class CountedGrantsOnTheChannelTests(NodesOnAChannel nodes)
{
    private readonly ChannelUnderTest channel = nodes.Channel;
    private readonly string patient = LedgerId.New(IdKind.Patient);

    private static LedgerJson Json => LedgerJson.Default;

    private string North => channel.Hospital(0);

    private string South => channel.Hospital(1);

    [ChannelFact]
    public async Task Many_requests_at_once_are_permitted_exactly_as_often_as_the_patient_allowed()
    {
        const int uses = 7, requests = 24;
        using var passkey = SoftwareAuthenticator.Create("north.localhost", "http://north.localhost:5101");
        var record = await EnrollAsync(passkey);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        await SubmitAsync(North, LedgerTransactions.GrantConsent, Sign(passkey, new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(South)] }], new Period(now.AddMinutes(-1), now.AddDays(1)), Uses: uses)), Json.SignedStatement);

        // Each is sent twice, as a client does that heard no answer.
        var asked = Enumerable.Range(0, requests).Select(_ => new RequestAccess(
            patient, LedgerId.New(IdKind.Access), [record], "TREAT", "physician", "s-1")).ToList();
        var answers = await Task.WhenAll(asked.Concat(asked).Select(AskAsync));
        Assert.All(answers.GroupBy(answer => answer.Request.AccessId),
            twice => Assert.Single(twice.Select(answer => answer.Decisions[0]).Distinct()));
        Assert.Equal(uses, answers.Where(answer => answer.Decisions[0].Permitted).Select(answer => answer.Request.AccessId).Distinct().Count());
        Assert.False((await AskAsync(asked[0] with { AccessId = LedgerId.New(IdKind.Access) })).Decisions[0].Permitted);

        var (verifier, replay) = (new BlockVerifier(), new DecisionReplay(channel.Profile.Channel));
        var height = (await channel.As(North).GetChainInfoAsync()).Height;
        await foreach (var block in channel.As(North).BlocksAsync(0, height - 1))
        {
            Assert.Null(verifier.Verify(block));
            Assert.Null(await replay.ApplyAsync(new BlockView(block), verifier.Outcomes, CancellationToken.None));
        }
    }

    private async Task<RecordRef> EnrollAsync(SoftwareAuthenticator passkey)
    {
        var credential = new Credential(passkey.CredentialId, Base64Url.EncodeToString(passkey.CoseKey.Span), passkey.RpId, [passkey.Origin]);
        await SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(patient, [credential]), Json.EnrollPatient);
        var record = new NewRecord(
            patient, LedgerId.New(IdKind.Record), [Token.Compute(new byte[Token.LabelKeyLength], TokenDimension.Category, "laboratory")], [], "N",
            LedgerTime.Truncate(DateTimeOffset.UtcNow), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", 100,
            Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));
        await SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([record]), Json.RegisterRecords);
        return new RecordRef(North, record.RecordId);
    }

    private SignedStatement Sign(SoftwareAuthenticator passkey, StatementBody body)
    {
        var bytes = StatementWriter.Write(new Statement(channel.Profile.Channel, LedgerId.New(IdKind.Statement), patient,
            new StatementSigner(passkey.CredentialId), LedgerTime.Truncate(DateTimeOffset.UtcNow), body));
        var made = passkey.Sign(bytes);
        return new SignedStatement(Base64Url.EncodeToString(bytes), new SignedAssertion(made.Credential,
            Base64Url.EncodeToString(made.AuthenticatorData.Span), Base64Url.EncodeToString(made.ClientDataJson.Span),
            Base64Url.EncodeToString(made.Signature.Span)));
    }

    private async Task<AccessEntry> AskAsync(RequestAccess request) => ChannelUnderTest.Read(
        await SubmitAsync(South, LedgerTransactions.RequestAccess, request, Json.RequestAccess), Json.AccessEntry);

    // What collided with another was not committed: it is sent again, as the nodes do.
    private async Task<ReadOnlyMemory<byte>> SubmitAsync<T>(string member, string transaction, T argument, JsonTypeInfo<T> type)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return (await channel.As(member).SubmitAsync(ChannelUnderTest.Call(transaction, argument, type))).Result;
            }
            catch (LedgerException e) when (e.IsTransient && attempt < 60)
            {
                await Task.Delay(Random.Shared.Next(10, 120));
            }
        }
    }
}
