using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Consents.Explain;

/// <summary>A preview refuses what signing would refuse, says when a broad permit waits, and FHIR tells the same.</summary>
public sealed class PreviewRefusalTests : IAsyncLifetime
{
    private AccessScene scene = null!;
    private HttpClient registrar = null!;

    private string Consents => $"/api/v1/patients/{scene.PatientId}/consents";

    private static DateTimeOffset Now => LedgerTime.Truncate(DateTimeOffset.UtcNow);

    private static GrantBody Fine => new(Effect.Permit, [new Provision { Who = [new WhoOrg(AccessScene.South, "nurse")], Purpose = ["TREAT"] }],
        new Period(Now, Now.AddDays(10)));

    [Fact]
    public async Task A_preview_refuses_with_the_code_and_the_place_that_signing_would()
    {
        var revoked = await scene.GrantAsync(Fine);
        await scene.RevokeAsync(revoked);
        var part = Fine.Scope[0];
        foreach (var (grant, code, place) in new[]
        {
            (Fine with { Replaces = LedgerId.New(IdKind.Statement) }, "consent.replaced_unknown", "statement.body.replaces"),
            (Fine with { Replaces = revoked }, "consent.already_revoked", "statement.body.replaces"),
            (Fine with { Period = new Period(Now.AddDays(-2), Now.AddDays(-1)) }, "consent.period_over", ""),
            (Fine with { Scope = [part with { Purpose = ["NOPE"] }] }, "statement.purpose_unknown", "statement.body.scope[0].purpose[0]"),
            (Fine with { Effect = Effect.Deny, Scope = [part, part with { Who = [new WhoOrg("NoSuchMSP")] }] },
                "statement.member_unknown", "statement.body.scope[1].who[0].org"),
            (Fine with { Effect = Effect.Deny, Scope = [part with { Who = [new WhoOrg(AccessScene.South, "wizard")] }] },
                "statement.role_unknown", "statement.body.scope[0].who[0].role"),
            (Fine with { Scope = [part with { Records = [.. Enumerable.Range(0, 256).Select(_ => LedgerId.New(IdKind.Record))], Except =
                [.. Enumerable.Range(0, 256).Select(_ => new Provision { Records = [LedgerId.New(IdKind.Record)] })] }] }, "statement.too_large", ""),
        })
        {
            var preview = await registrar.PostAsync($"{Consents}/preview", JsonNode.Parse(StatementWriter.WriteGrant(grant))!, HttpStatusCode.UnprocessableEntity);
            var signed = await registrar.PostAsync(Consents, scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, grant)), HttpStatusCode.UnprocessableEntity);
            foreach (var problem in (JsonElement[])[preview, signed])
            {
                Assert.Equal(code, problem.GetProperty("code").GetString());
                Assert.Contains(place, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }
        Assert.Single((await registrar.GetOkAsync(Consents)).GetProperty("consents").EnumerateArray());
    }

    [Fact]
    public async Task A_preview_counts_nothing_for_a_suspended_member_nothing_withdrawn_and_nothing_of_a_passkey_that_the_own_list_lacks()
    {
        var all = Fine with { Scope = [new Provision { Who = [new WhoOrg(AccessScene.South, "nurse"), new WhoOrg(AccessScene.North, "pharmacist")] }] };
        Assert.Equal((3, 2), await PreviewedAsync(registrar, AccessScene.South, "nurse")); // HIV takes a permit that names it
        await scene.Channel.As(AccessScene.North).SubmitAsync(new LedgerCall(LedgerTransactions.SupersedeRecords, JsonSerializer.SerializeToUtf8Bytes(
            new SupersedeRecords([new NewSupersession(scene.PatientId, scene.Glucose, Relation.Withdraws)]), LedgerJson.Default.SupersedeRecords)), default);
        await scene.CaughtUpAsync();
        Assert.Equal((2, 1), await PreviewedAsync(registrar, AccessScene.South, "nurse"));

        await scene.ExecuteAsync(AccessScene.North, "UPDATE trusted_credential SET revoked_at = 1");
        scene.Service<ReplicaCache>(AccessScene.North).Clear();
        Assert.Equal((2, 0), await PreviewedAsync(registrar, AccessScene.South, "nurse"));
        using (var south = scene.Client(AccessScene.South, Role.Registrar)) // there the records are another's: the channel decides
            Assert.Equal((2, 1), await PreviewedAsync(south, AccessScene.South, "nurse"));

        var proposal = new ProposeChange(LedgerId.New(IdKind.Proposal), new GovernanceChange(Suspend: AccessScene.South));
        await scene.Channel.As(AccessScene.North).SubmitAsync(new LedgerCall(LedgerTransactions.ProposeChange,
            JsonSerializer.SerializeToUtf8Bytes(proposal, LedgerJson.Default.ProposeChange)), default);
        await scene.Channel.As(AccessScene.South).SubmitAsync(new LedgerCall(LedgerTransactions.ApproveChange,
            JsonSerializer.SerializeToUtf8Bytes(new ApproveChange(proposal.ProposalId), LedgerJson.Default.ApproveChange)), default);
        await scene.CaughtUpAsync();
        using (var south = scene.Client(AccessScene.South, Role.Registrar))
            Assert.Equal((2, 0), await PreviewedAsync(south, AccessScene.South, "nurse"));

        async Task<(int Records, int Gained)> PreviewedAsync(HttpClient client, string org, string role)
        {
            var preview = await client.PostAsync($"{Consents}/preview", JsonNode.Parse(StatementWriter.WriteGrant(all))!, HttpStatusCode.OK);
            return (preview.GetProperty("records").GetArrayLength(), preview.GetProperty("readers").EnumerateArray().Single(reader =>
                reader.TryGetProperty("org", out var member) && member.GetString() == org && reader.GetProperty("role").GetString() == role)
                .GetProperty("gained").GetInt32());
        }
    }

    [Fact]
    public async Task A_broad_permit_waits_in_the_preview_and_in_fhir_and_one_of_another_release_is_refused()
    {
        var broad = Fine with { Scope = [new Provision { Who = [WhoAnyHospital.Instance], Purpose = ["TREAT"] }] };
        var preview = await registrar.PostAsync($"{Consents}/preview", JsonNode.Parse(StatementWriter.WriteGrant(broad))!, HttpStatusCode.OK);
        var from = preview.GetProperty("waiting").GetProperty("from").GetDateTimeOffset();
        Assert.Equal(from, preview.GetProperty("at").GetDateTimeOffset());
        Assert.InRange(from, Now.AddHours(24).AddMinutes(-5), Now.AddHours(24));
        Assert.Contains(LedgerTime.Format(from), preview.GetProperty("waiting").GetProperty("words").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, preview.GetProperty("readers").EnumerateArray().Single(reader => !reader.TryGetProperty("org", out _)).GetProperty("gained").GetInt32());
        var narrow = await registrar.PostAsync($"{Consents}/preview", JsonNode.Parse(StatementWriter.WriteGrant(Fine))!, HttpStatusCode.OK);
        Assert.False(narrow.TryGetProperty("waiting", out _));
        // One that is over before it counts gives nobody anything.
        var tooShort = await registrar.PostAsync($"{Consents}/preview", JsonNode.Parse(StatementWriter.WriteGrant(
            broad with { Period = new Period(Now, Now.AddHours(3)) }))!, HttpStatusCode.OK);
        Assert.All(tooShort.GetProperty("readers").EnumerateArray(), reader => Assert.Equal(0, reader.GetProperty("gained").GetInt32()));

        var id = await scene.GrantAsync(broad);
        var waiting = await FhirAsync(id, "application/fhir+json");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "fhir.not_in_force"), (waiting.Status, waiting.Body.GetProperty("code").GetString()));
        Assert.Contains("counts from ", waiting.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var counted = await scene.GrantAsync(Fine with { Uses = 2 });
        var refused = await FhirAsync(counted, "application/fhir+json");
        Assert.Equal("fhir.refused", refused.Body.GetProperty("code").GetString());
        Assert.StartsWith("statement.body.uses: ", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);

        var plain = await scene.GrantAsync(Fine);
        foreach (var version in (string[])["3.0", "99", "R4", "\"\""])
        {
            var unknown = await FhirAsync(plain, $"application/fhir+json; fhirVersion={version}");
            Assert.Equal((HttpStatusCode.NotAcceptable, "fhir.release_unknown"), (unknown.Status, unknown.Body.GetProperty("code").GetString()));
            var consent = GrantToFhir.Write(Fine, new StatementHeader(id, scene.PatientId, Now), FhirVersion.R4, new ChannelNames());
            using var content = new StringContent(consent.ToJsonString(), Encoding.UTF8);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse($"application/fhir+json; fhirVersion={version}");
            using var answer = await registrar.PostAsync($"{Consents}/preview", content);
            Assert.Equal((HttpStatusCode.UnsupportedMediaType, "fhir.release_unknown"), (answer.StatusCode, (await answer.JsonAsync()).GetProperty("code").GetString()));
        }
        foreach (var version in (string[])["4.0", "4.0.1", "4.3", "5.0", "\"5.0\""])
            Assert.Equal(HttpStatusCode.OK, (await FhirAsync(plain, $"application/fhir+json; fhirVersion={version}")).Status);
        Assert.Equal("active", (await FhirAsync(plain, "application/fhir+json; fhirVersion=99, application/json;q=0.5")).Body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_fhir_consent_that_names_nobody_of_the_channel_is_refused_at_its_element()
    {
        var consent = GrantToFhir.Write(Fine with { Scope = [Fine.Scope[0] with { Who = [new WhoOrg("NoSuchMSP", "nurse")] }] },
            new StatementHeader(LedgerId.New(IdKind.Statement), scene.PatientId, Now), FhirVersion.R4, new ChannelNames());
        using var answer = await registrar.PostAsync($"{Consents}/preview", new StringContent(consent.ToJsonString(), Encoding.UTF8, "application/fhir+json"));
        var problem = await answer.JsonAsync();
        Assert.Equal("fhir.refused", problem.GetProperty("code").GetString());
        Assert.StartsWith("Consent.provision", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("actor", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    public async Task InitializeAsync()
    {
        scene = await AccessScene.StartAsync();
        registrar = scene.Client(AccessScene.North, Role.Registrar);
    }

    public async Task DisposeAsync()
    {
        registrar.Dispose();
        await scene.DisposeAsync();
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> FhirAsync(string id, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Consents}/{id}");
        Assert.True(request.Headers.TryAddWithoutValidation("Accept", accept));
        using var answer = await registrar.SendAsync(request);
        return (answer.StatusCode, await answer.JsonAsync());
    }
}
