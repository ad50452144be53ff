using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Consents.Explain;

/// <summary>What consents come to, asked of whole nodes before and after they are signed.</summary>
public sealed class ExplainApiTests : IAsyncLifetime
{
    private AccessScene scene = null!;
    private HttpClient officer = null!;

    private string Consents => $"/api/v1/patients/{scene.PatientId}/consents";

    [Fact]
    public async Task An_explanation_names_the_statement_its_part_and_what_would_change_it()
    {
        var before = await ExplainAsync(scene.Glucose);
        Assert.Equal((false, "deny.default"), (before.GetProperty("permitted").GetBoolean(), before.GetProperty("reason").GetString()));
        Assert.Equal(["permit"], Changes(before));

        var statementId = await scene.GrantAsync();
        var after = await ExplainAsync(scene.Glucose);
        Assert.Equal((true, "permit.signed", statementId), (after.GetProperty("permitted").GetBoolean(), after.GetProperty("reason").GetString(),
            after.GetProperty("statementId").GetString()));
        Assert.Equal("SouthMSP", after.GetProperty("part").GetProperty("who")[0].GetProperty("org").GetString());
        Assert.Equal(["revoke", "deny", "end"], Changes(after));
        Assert.StartsWith("Physicians of SouthMSP may read this record for treatment until ", after.GetProperty("words").GetString(), StringComparison.Ordinal);

        Assert.Equal(["permit", "near.category"], Changes(await ExplainAsync(scene.Image)));
        Assert.Equal(["permit"], Changes(await ExplainAsync(scene.Hiv))); // its label is excepted, and was not named before
        Assert.Equal(["permit", "near.who"], Changes(await ExplainAsync(scene.Glucose, role: "nurse")));
        Assert.Equal(["permit", "near.purpose"], Changes(await ExplainAsync(scene.Glucose, purpose: "HRESCH")));
        Assert.Equal("permit.own_record", (await ExplainAsync(scene.Image, org: "NorthMSP")).GetProperty("reason").GetString());
        // Another member's node says the same of a record that it does not hold.
        using var south = scene.Client(AccessScene.South, Role.PrivacyOfficer);
        Assert.Equal("permit.signed", (await south.GetOkAsync(Path(scene.Glucose))).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task An_explanation_of_nonsense_is_refused()
    {
        foreach (var (member, value) in new[] { ("record", "x"), ("org", "NoMSP"), ("org", "not an msp"), ("role", "a b"), ("purpose", "treat"), ("staff", "a/b") })
        {
            var query = new Dictionary<string, string> { ["record"] = scene.Glucose, ["org"] = "SouthMSP", ["role"] = "physician", ["purpose"] = "TREAT" };
            query[member] = value;
            using var answer = await officer.GetAsync($"{Consents}/explain?{string.Join('&', query.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"))}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("request.invalid", (await answer.JsonAsync()).GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Unknown_records_and_other_patients_look_alike_and_physicians_do_not_ask()
    {
        Assert.Contains("access.not_available", await AccessScene.ProblemAsync(officer, Path(LedgerId.New(IdKind.Record))), StringComparison.Ordinal);
        using var stranger = scene.Client(AccessScene.North, Role.Patient);
        Assert.Contains("access.not_available", await AccessScene.ProblemAsync(stranger, Path(scene.Glucose)), StringComparison.Ordinal);
        Assert.Equal("access.not_available", await stranger.RefusedAsync($"{Consents}/preview", Body(PermitImages()), HttpStatusCode.NotFound));
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        Assert.Equal("auth.forbidden", await physician.RefusedAsync($"{Consents}/preview", Body(PermitImages()), HttpStatusCode.Forbidden));
    }

    [Fact]
    public async Task A_preview_tells_who_would_gain_and_lose_and_changes_nothing()
    {
        var permit = await officer.PostAsync($"{Consents}/preview", Body(PermitImages()), HttpStatusCode.OK);
        var nurses = Reader(permit, "SouthMSP", "nurse");
        Assert.Equal((1, 0), (nurses.GetProperty("gained").GetInt32(), nurses.GetProperty("lost").GetInt32()));
        Assert.Equal("Nurses of SouthMSP could read 1 of 3 records for treatment instead of 0: 1 more, 0 no longer.", nurses.GetProperty("words").GetString());
        var image = nurses.GetProperty("records").EnumerateArray().Single(record => record.GetProperty("recordId").GetString() == scene.Image);
        Assert.Equal(("deny.default", "permit.signed"), (image.GetProperty("before").GetProperty("reason").GetString(), image.GetProperty("after").GetProperty("reason").GetString()));
        Assert.False(image.GetProperty("after").TryGetProperty("statementId", out _));
        var anyone = permit.GetProperty("readers").EnumerateArray().Single(reader => !reader.TryGetProperty("org", out _));
        Assert.StartsWith("For any hospital that no statement names, for treatment, nothing would change: 0 of 3", anyone.GetProperty("words").GetString(), StringComparison.Ordinal);
        // The node holds the label key: codes, not tokens.
        Assert.Equal(["HIV"], permit.GetProperty("records").EnumerateArray().Single(record => record.GetProperty("recordId").GetString() == scene.Hiv)
            .GetProperty("labels").EnumerateArray().Select(label => label.GetString()));

        await scene.GrantAsync();
        var deny = await officer.PostAsync($"{Consents}/preview", Body(new GrantBody(Effect.Deny, [new Provision()], Now())), HttpStatusCode.OK);
        Assert.Equal((0, 1), (Reader(deny, "SouthMSP", "physician").GetProperty("gained").GetInt32(), Reader(deny, "SouthMSP", "physician").GetProperty("lost").GetInt32()));
        Assert.Single((await officer.GetOkAsync(Consents)).GetProperty("consents").EnumerateArray());
    }

    [Fact]
    public async Task A_preview_of_a_refusal_for_emergencies_tells_what_an_emergency_session_could_read()
    {
        var all = new Provision { Who = [new WhoOrg(AccessScene.South)] };
        Assert.Equal((0, 3, "permit.emergency", "deny.emergency_never"), await InEmergencyAsync(all));
        // An emergency session asks for a purpose of its own: a refusal that names another has no effect then.
        Assert.Equal((0, 0, "permit.emergency", "permit.emergency"), await InEmergencyAsync(all with { Purpose = ["TREAT"] }));
        var plain = await officer.PostAsync($"{Consents}/preview", Body(new GrantBody(Effect.Deny, [all], Now())), HttpStatusCode.OK);
        Assert.DoesNotContain(plain.GetProperty("readers").EnumerateArray(), reader => reader.GetProperty("purpose").GetString() == "ETREAT");

        async Task<(int Gained, int Lost, string? Before, string? After)> InEmergencyAsync(Provision part)
        {
            var preview = await officer.PostAsync($"{Consents}/preview", Body(new GrantBody(Effect.Deny, [part], Now(), EmergencyNever: true)), HttpStatusCode.OK);
            var reader = preview.GetProperty("readers").EnumerateArray().Single(reader => reader.GetProperty("purpose").GetString() == "ETREAT"
                && reader.TryGetProperty("org", out var member) && member.GetString() == AccessScene.South);
            var decision = reader.GetProperty("records").EnumerateArray().First();
            return (reader.GetProperty("gained").GetInt32(), reader.GetProperty("lost").GetInt32(),
                decision.GetProperty("before").GetProperty("reason").GetString(), decision.GetProperty("after").GetProperty("reason").GetString());
        }
    }

    [Fact]
    public async Task What_a_preview_says_is_what_comes_true()
    {
        var body = PermitImages();
        var preview = Reader(await officer.PostAsync($"{Consents}/preview", Body(body), HttpStatusCode.OK), "SouthMSP", "nurse");
        await scene.GrantAsync(body);
        foreach (var record in preview.GetProperty("records").EnumerateArray())
        {
            var explained = await ExplainAsync(record.GetProperty("recordId").GetString()!, role: "nurse");
            Assert.Equal(record.GetProperty("after").GetProperty("permitted").GetBoolean(), explained.GetProperty("permitted").GetBoolean());
            Assert.Equal(record.GetProperty("after").GetProperty("reason").GetString(), explained.GetProperty("reason").GetString());
        }
    }

    [Fact]
    public async Task A_fhir_consent_is_previewed_and_gives_the_bodies_to_sign_and_comes_back_out()
    {
        var names = new ChannelNames();
        var grant = PermitImages();
        var fhir = GrantToFhir.Write(grant, new StatementHeader(LedgerId.New(IdKind.Statement), scene.PatientId, Now().Start), FhirVersion.R5, names);
        using var answer = await officer.PostAsync($"{Consents}/preview", FhirContent(fhir));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var preview = await answer.JsonAsync();
        Assert.Equal(1, Reader(preview, "SouthMSP", "nurse").GetProperty("gained").GetInt32());
        var toSign = Assert.Single(preview.GetProperty("statements").EnumerateArray());
        var signedBody = StatementReader.ReadGrant(Encoding.UTF8.GetBytes(toSign.GetRawText()));
        Assert.True(FhirConsentMapper.AreSame(grant, signedBody));

        var id = await scene.GrantAsync(signedBody);
        foreach (var (version, members) in new[] { ("4.0", "patient"), ("5.0", "subject") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Consents}/{id}");
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse($"application/fhir+json; fhirVersion={version}"));
            using var out1 = await officer.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, out1.StatusCode);
            Assert.Equal("application/fhir+json", out1.Content.Headers.ContentType?.MediaType);
            var json = JsonNode.Parse(await out1.Content.ReadAsStringAsync())!.AsObject();
            Assert.True(json.ContainsKey(members));
            using var key = await scene.Service<LabelKeys>(AccessScene.North).FindAsync(scene.PatientId, default);
            Assert.True(FhirConsentMapper.AreSame(grant, Assert.Single(FhirConsentMapper.Map(
                FhirConsentReader.Read(Encoding.UTF8.GetBytes(json.ToJsonString())), new ChannelNames(key!.Bytes.ToArray()), grant.Period.Start))));
        }
        Assert.Equal(id, (await officer.GetOkAsync($"{Consents}/{id}")).GetProperty("id").GetString());
        Assert.Contains("access.not_available", await AccessScene.ProblemAsync(officer, $"{Consents}/{LedgerId.New(IdKind.Statement)}"), StringComparison.Ordinal);
        await scene.RevokeAsync(id);
        using var revoked = new HttpRequestMessage(HttpMethod.Get, $"{Consents}/{id}");
        revoked.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/fhir+json"));
        using var gone = await officer.SendAsync(revoked);
        Assert.Equal("fhir.not_in_force", (await gone.JsonAsync()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Bodies_that_are_no_grant_are_refused_with_their_place()
    {
        Assert.Equal("statement.empty_list", await officer.RefusedAsync($"{Consents}/preview",
            JsonNode.Parse("""{"effect":"permit","scope":[{"who":[]}],"period":{"start":"2026-03-01T08:00:00Z"}}""")!, HttpStatusCode.UnprocessableEntity));
        Assert.Equal("statement.malformed", await officer.RefusedAsync($"{Consents}/preview", new JsonArray(), HttpStatusCode.UnprocessableEntity));
        var other = GrantToFhir.Write(PermitImages(), new StatementHeader(LedgerId.New(IdKind.Statement), LedgerId.New(IdKind.Patient), Now().Start),
            FhirVersion.R4, new ChannelNames());
        await RefusedAsync(FhirContent(other), HttpStatusCode.UnprocessableEntity, "fhir.refused", "Consent.patient");
        await RefusedAsync(new StringContent("{}", Encoding.UTF8, "application/fhir+json"), HttpStatusCode.UnprocessableEntity, "fhir.refused", "Consent");
        await RefusedAsync(new StringContent("<Consent/>", Encoding.UTF8, "application/fhir+xml"), HttpStatusCode.UnsupportedMediaType, "request.unsupported_media_type", "");
        await RefusedAsync(new StringContent(new string(' ', 2 * 1024 * 1024), Encoding.UTF8, "application/fhir+json"),
            HttpStatusCode.RequestEntityTooLarge, "request.too_large", "");
        await RefusedAsync(new StringContent(new string('[', 40_000), Encoding.UTF8, "application/json"), HttpStatusCode.UnprocessableEntity, "json.too_large", "");
        await RefusedAsync(new StringContent(new string('[', 2_000), Encoding.UTF8, "application/json"), HttpStatusCode.UnprocessableEntity, "json.malformed", "");

        async Task RefusedAsync(HttpContent content, HttpStatusCode status, string code, string place)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Consents}/preview") { Content = content };
            request.Headers.ExpectContinue = true; // so that what is too large is refused before it is sent
            using var answer = await officer.SendAsync(request);
            Assert.Equal(status, answer.StatusCode);
            var problem = await answer.JsonAsync();
            Assert.Equal(code, problem.GetProperty("code").GetString());
            Assert.Contains(place, problem.TryGetProperty("detail", out var detail) ? detail.GetString()! : "", StringComparison.Ordinal);
        }
    }

    public async Task InitializeAsync()
    {
        scene = await AccessScene.StartAsync();
        officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
    }

    public async Task DisposeAsync()
    {
        officer.Dispose();
        await scene.DisposeAsync();
    }

    private static Period Now()
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        return new(now, now.AddDays(10));
    }

    private GrantBody PermitImages() => new(Effect.Permit,
        [new Provision { Who = [new WhoOrg(AccessScene.South, "nurse")], Purpose = ["TREAT"], Records = [scene.Image] }], Now());

    private static JsonNode Body(GrantBody grant) => JsonNode.Parse(StatementWriter.WriteGrant(grant))!;

    private static StringContent FhirContent(JsonObject consent) => new(consent.ToJsonString(), Encoding.UTF8, "application/fhir+json");

    private string Path(string record, string org = "SouthMSP", string role = "physician", string purpose = "TREAT") =>
        $"{Consents}/explain?record={record}&org={org}&role={role}&purpose={purpose}";

    private Task<JsonElement> ExplainAsync(string record, string org = "SouthMSP", string role = "physician", string purpose = "TREAT") =>
        officer.GetOkAsync(Path(record, org, role, purpose));

    private static IEnumerable<string?> Changes(JsonElement explanation) =>
        explanation.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("code").GetString());

    private static JsonElement Reader(JsonElement preview, string org, string role) => preview.GetProperty("readers").EnumerateArray().Single(reader =>
        reader.TryGetProperty("org", out var member) && member.GetString() == org && reader.TryGetProperty("role", out var code) && code.GetString() == role);
}
