using System.Net;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Auth;
using HealthShare.Node.Receipts;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>Receipts of what the channel under test committed, with its own endorsements and configuration in them.</summary>
[Collection(NodesCollection.Name)]
public sealed class ReceiptsOnTheChannelTests(NodesOnAChannel nodes)
{
    private const string Patients = "/api/v1/patients";

    [ChannelFact]
    public async Task A_receipt_of_a_grant_and_of_its_revocation_verifies_from_the_file_alone()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var id = await nodes.EnrollAsync(passkey);
        using var registrar = nodes.North.Client(Role.Registrar);
        using var patient = nodes.North.Patient(id);
        var start = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var grant = passkey.Statement(id, new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(nodes.Channel.Hospital(1), "physician")], Purpose = ["TREAT"] }], new Period(start, start.AddDays(30))));
        await registrar.PostAsync($"{Patients}/{id}/consents", passkey.Signed(grant), HttpStatusCode.Created);
        var revocation = passkey.Statement(id, new RevokeBody(grant.Id));
        await patient.PostAsync($"{Patients}/{id}/consents/{grant.Id}/revocation", passkey.Signed(revocation), HttpStatusCode.OK);

        var trust = new ReceiptTrust(await GenesisHashAsync(), [nodes.Channel.Hospital(0), nodes.Channel.Hospital(1), nodes.Channel.Hospital(2)]);
        foreach (var statement in (string[])[grant.Id, revocation.Id])
        {
            var receipt = await ReceiptAsync(patient, $"{Patients}/{id}/consents/{statement}/receipt");
            var report = ReceiptVerifier.Verify(receipt, trust);
            Assert.True(report is { Ok: true, Anchored: true }, string.Join('\n', report.Checks.Select(check => check.Text)));
            Assert.Equal([nodes.Channel.Hospital(2), nodes.Channel.Hospital(0)], report.Receipt!.Nodes.Order(StringComparer.Ordinal));
            Assert.True(report.Receipt.Endorsers.Count >= 2, "fewer than two endorsers");
            for (var at = 0; at < receipt.Length; at += 211)
            {
                var altered = (byte[])receipt.Clone();
                altered[at] ^= 1;
                Assert.False(ReceiptVerifier.Verify(altered, trust).Ok, $"altered at {at}");
            }
        }
        using var stranger = nodes.North.Patient(LedgerId.New(IdKind.Patient));
        using var hidden = await stranger.GetAsync($"{Patients}/{id}/consents/{grant.Id}/receipt");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    // The other member's node may have the block a moment later, and answer late beside other work: 202 and 503 both say to ask again.
    private static async Task<byte[]> ReceiptAsync(HttpClient client, string path)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            using var answer = await client.GetAsync(path, patience.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
                return await answer.Content.ReadAsByteArrayAsync(patience.Token);
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable, await answer.Content.ReadAsStringAsync(patience.Token));
            await Task.Delay(100, patience.Token);
        }
    }

    private async Task<string> GenesisHashAsync()
    {
        await using var client = GatewayClient.Connect(nodes.Channel.Profile, user: "User1", options: Patient.Options);
        await foreach (var genesis in client.BlocksAsync(0, 0))
            return Convert.ToHexStringLower(new BlockView(genesis).Hash.Span);
        throw new InvalidOperationException("The channel has no genesis block.");
    }
}
