using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>Who may sign for a patient besides the patient, over the channel with real endorsements.</summary>
[Collection(NodesCollection.Name)]
public sealed class DelegatesTests(NodesOnAChannel nodes)
{
    private const string Patients = "/api/v1/patients";

    [ChannelFact]
    public async Task A_delegate_signs_two_hospitals_vouch_for_a_guardian_and_every_node_agrees()
    {
        using var passkey = SoftwareAuthenticator.Create("north.example", "https://north.example");
        using var friend = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var parent = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var north = nodes.North.Client(Role.Registrar);
        using var south = nodes.South.Client(Role.Registrar);
        using var east = nodes.East.Client(Role.Registrar);
        var (northId, southId) = (nodes.Channel.Hospital(0), nodes.Channel.Hospital(1));
        var id = (await north.PostAsync(Patients, new JsonObject { ["number"] = $"MRN-{Guid.NewGuid():n}" }, HttpStatusCode.Created))
            .GetProperty("patientId").GetString()!;
        await north.PostAsync($"{Patients}/{id}/first-credential", passkey.Credential(), HttpStatusCode.Created);
        await north.PostAsync($"{Patients}/{id}/links", passkey.Signed(passkey.Statement(id, new LinkBody(southId))), HttpStatusCode.Created);

        // A delegate, brought by South: appointed, signs, revoked.
        var delegateId = LedgerId.New(IdKind.Delegate);
        await south.PostAsync($"{Patients}/{id}/delegates", passkey.Signed(passkey.Statement(id, new AppointDelegateBody(delegateId,
            [new AddCredentialBody(friend.CredentialId, Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin])],
            new DelegateScope(DelegateActs.Permit | DelegateActs.Deny), MonthAhead()))), HttpStatusCode.Created);
        var permit = friend.Statement(id, Grant(Effect.Permit, southId)) with { Signer = new StatementSigner(friend.CredentialId, delegateId) };
        await south.PostAsync($"{Patients}/{id}/consents", friend.Signed(permit), HttpStatusCode.Created);
        await Eventually.UntilAsync(east, $"{Patients}/{id}/consents", seen => Listed(seen, "consents").Any(consent => Text(consent, "delegate") == delegateId));
        await north.PostAsync($"{Patients}/{id}/delegates/{delegateId}/revocation",
            passkey.Signed(passkey.Statement(id, new RevokeDelegateBody(delegateId))), HttpStatusCode.OK);

        // A consent on paper, which every node lists as North's word.
        var paper = new JsonObject { ["form"] = "paper", ["body"] = JsonNode.Parse(StatementWriter.WriteGrant(Grant(Effect.Permit, southId))) };
        var attested = await north.PostAsync($"{Patients}/{id}/consents/attestations", paper, HttpStatusCode.Created);
        await Eventually.UntilAsync(east, $"{Patients}/{id}/consents", seen => Listed(seen, "consents").Any(consent =>
            Text(consent, "id") == Text(attested, "id") && Text(consent, "attestedBy") == northId));

        // A guardian takes both hospitals, may deny at once, permit later only, and goes when the patient objects.
        var guardian = new JsonObject
        {
            ["kind"] = "guardian", ["credentials"] = new JsonArray(parent.Credential()), ["end"] = LedgerTime.Format(MonthAhead()),
        };
        var first = await south.PostAsync($"{Patients}/{id}/attested-signers", guardian.DeepClone(), HttpStatusCode.Created);
        Assert.Equal("incomplete", Text(first, "status"));
        guardian["signerId"] = Text(first, "signerId");
        Assert.Equal("waiting", Text(await north.PostAsync($"{Patients}/{id}/attested-signers", guardian, HttpStatusCode.Created), "status"));
        var signer = new StatementSigner(parent.CredentialId, Text(first, "signerId"));
        await south.PostAsync($"{Patients}/{id}/consents",
            parent.Signed(parent.Statement(id, Grant(Effect.Deny, southId)) with { Signer = signer }), HttpStatusCode.Created);
        Assert.Equal("attestation.waiting", await south.RefusedAsync($"{Patients}/{id}/consents",
            parent.Signed(parent.Statement(id, Grant(Effect.Permit, southId)) with { Signer = signer }), HttpStatusCode.UnprocessableEntity));
        await south.PostAsync($"{Patients}/{id}/attested-signers/{signer.Delegate}/objection", new JsonObject
        {
            ["statement"] = passkey.Signed(passkey.Statement(id, new RevokeDelegateBody(signer.Delegate!))),
        }, HttpStatusCode.OK);
        await Eventually.UntilAsync(east, $"{Patients}/{id}/attested-signers", seen => Listed(seen, "signers").Any(one => Text(one, "status") == "objected"));
    }

    private static GrantBody Grant(Effect effect, string reader)
    {
        var start = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new(effect, [new Provision { Who = [new WhoOrg(reader, "physician")], Purpose = ["TREAT"] }], new Period(start, start.AddDays(30)));
    }

    private static DateTimeOffset MonthAhead()
    {
        var now = DateTimeOffset.UtcNow;
        return new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(6);
    }

    private static JsonElement.ArrayEnumerator Listed(JsonElement page, string name) => page.GetProperty(name).EnumerateArray();

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
