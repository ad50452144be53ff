using System.Formats.Cbor;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth.Enrolment;

public sealed class EnrolmentTests(SharedSignInScene shared) : IClassFixture<SharedSignInScene>
{
    private readonly SignInScene scene = shared.Scene;

    [Fact]
    public async Task A_link_asks_for_a_discoverable_es256_passkey_with_the_person_verified_at_this_host()
    {
        var browser = scene.Browser();
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = await scene.InviteAsync("physician") }, HttpStatusCode.OK);
        Assert.Equal("Nora Brandt", begun.GetProperty("displayName").GetString());
        Assert.Equal("physician", begun.GetProperty("role").GetString());
        var options = begun.GetProperty("options");
        Assert.Equal(SignInScene.RpId, options.GetProperty("rp").GetProperty("id").GetString());
        Assert.Equal([-7], options.GetProperty("pubKeyCredParams").EnumerateArray().Select(one => one.GetProperty("alg").GetInt32()));
        var selection = options.GetProperty("authenticatorSelection");
        Assert.Equal("required", selection.GetProperty("userVerification").GetString());
        Assert.Equal("required", selection.GetProperty("residentKey").GetString());
    }

    [Fact]
    public async Task A_link_is_good_once()
    {
        var token = await scene.InviteAsync("nurse");
        await SignInScene.EnrolAsync(scene.Browser(), token, scene.Passkey());
        Assert.Equal("enrolment.not_available",
            await scene.Browser().RefusedAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Of_two_who_use_a_link_at_the_same_time_one_gets_in()
    {
        var token = await scene.InviteAsync("nurse");
        var browser = scene.Browser();
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var body = new JsonObject { ["token"] = token, ["credential"] = scene.Passkey().Register(begun.GetProperty("options")) };
            using var answer = await scene.Browser().SendAsync(HttpMethod.Post, "enrolments", body);
            return answer.StatusCode;
        }));
        Assert.Single(answers, HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("nurse", 24 * 60 + 1)]
    [InlineData("patient", 31)]
    public async Task A_link_ends_by_itself(string role, int minutes)
    {
        var token = role == "patient" ? await scene.InvitePatientAsync(await scene.RegisterAsync("1")) : await scene.InviteAsync(role);
        var browser = scene.Browser();
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        scene.Clock.Forward(TimeSpan.FromMinutes(minutes));
        Assert.Equal("enrolment.not_available", await browser.RefusedAsync("enrolments",
            new JsonObject { ["token"] = token, ["credential"] = scene.Passkey().Register(begun.GetProperty("options")) }, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_link_can_be_withdrawn_and_a_second_one_for_a_person_ends_the_first()
    {
        var first = await scene.InviteAsync("nurse", "sf-1");
        var second = await scene.InviteAsync("nurse", "sf-1");
        await scene.Browser().RefusedAsync("enrolments/options", new JsonObject { ["token"] = first }, HttpStatusCode.NotFound);
        using var it = scene.Node.Client(Role.ItAdministrator);
        var listed = (await it.GetOkAsync("/api/v1/invitations")).GetProperty("items").EnumerateArray()
            .Single(item => item.TryGetProperty("staffId", out var staff) && staff.GetString() == "sf-1");
        Assert.DoesNotContain(second, listed.ToString(), StringComparison.Ordinal);
        using var registrar = scene.Node.Client(Role.Registrar);
        var path = $"/api/v1/invitations/{listed.GetProperty("id").GetString()}";
        Assert.Equal(HttpStatusCode.NotFound, (await registrar.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await it.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await it.DeleteAsync(path)).StatusCode);
        await scene.Browser().RefusedAsync("enrolments/options", new JsonObject { ["token"] = second }, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(Role.ItAdministrator, "patient", HttpStatusCode.Forbidden)]
    [InlineData(Role.Registrar, "nurse", HttpStatusCode.Forbidden)]
    [InlineData(Role.ItAdministrator, "system", HttpStatusCode.Forbidden)]
    [InlineData(Role.Physician, "nurse", HttpStatusCode.Forbidden)]
    [InlineData(Role.Registrar, "patient", HttpStatusCode.NotFound)]
    public async Task Who_may_not_invite_somebody_is_refused(Role inviter, string invited, HttpStatusCode expected)
    {
        using var client = scene.Node.Client(inviter);
        await client.RefusedAsync("/api/v1/invitations", new JsonObject
        {
            ["role"] = invited, ["displayName"] = "X", ["patientId"] = invited == "patient" ? NodeHost.PatientId : null,
        }, expected);
    }

    [Theory]
    [InlineData("""{"role":"nurse","displayName":"Zo\u00eb \u202ebmO"}""")]
    [InlineData("""{"role":"nurse","displayName":"Zo\u00eb\u200b"}""")]
    [InlineData("""{"role":"nurse","displayName":"\u3164"}""")]
    [InlineData("""{"role":"nurse","displayName":"\u200c"}""")]
    [InlineData("""{"role":"nurse","displayName":"--"}""")]
    [InlineData("""{"role":"nurse","displayName":" "}""")]
    [InlineData("""{"role":"nurse","displayName":"X","patientId":"pt-aaaaaaaaaaaaaaaaaaaaaaaaaa"}""")]
    [InlineData("""{"role":"nurse","displayName":"X","staffId":"a b"}""")]
    [InlineData("""{"role":"surgeon","displayName":"X"}""")]
    [InlineData("""{"role":1,"displayName":"X"}""")]
    [InlineData("""{"displayName":"X"}""")]
    public async Task An_invitation_that_does_not_say_what_it_should_is_refused(string body)
    {
        using var it = scene.Node.Client(Role.ItAdministrator);
        Assert.Equal("request.invalid", await it.RefusedAsync("/api/v1/invitations", JsonNode.Parse(body)!, HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_guessed_token_is_like_a_used_one(string token) => Assert.Equal("enrolment.not_available",
        await scene.Browser().RefusedAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.NotFound));

    [Theory]
    [InlineData("rs256")]
    [InlineData("es384")]
    [InlineData("notVerified")]
    [InlineData("notPresent")]
    [InlineData("backedUpButNotEligible")]
    [InlineData("origin")]
    [InlineData("type")]
    [InlineData("challenge")]
    [InlineData("garbage")]
    public async Task A_passkey_that_is_not_as_it_must_be_is_refused_and_the_link_stays_good(string what)
    {
        var token = await scene.InviteAsync("nurse");
        var browser = scene.Browser();
        var passkey = scene.Passkey();
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        var good = passkey.Register(begun.GetProperty("options"));
        var client = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(good["response"]!["clientDataJSON"]!.GetValue<string>()));
        var attestation = passkey.AttestationObject(what switch
        {
            "notVerified" => 0b0000_0001, "notPresent" => 0b0000_0100, "backedUpButNotEligible" => 0b0001_0101, _ => 0b0000_0101,
        }, what switch { "rs256" => RsaKey(), "es384" => P384Key(), _ => default });
        client = what switch
        {
            "origin" => client.Replace("https://north.example", "https://north.example.evil", StringComparison.Ordinal),
            "type" => client.Replace("webauthn.create", "webauthn.get", StringComparison.Ordinal),
            "challenge" => Encoding.UTF8.GetString(passkey.ClientData(new byte[32], "webauthn.create")),
            _ => client,
        };
        var bad = passkey.Registration(Encoding.UTF8.GetBytes(client), attestation);
        if (what == "garbage")
            bad["response"] = new JsonArray();
        Assert.Equal("enrolment.refused", await browser.RefusedAsync("enrolments",
            new JsonObject { ["token"] = token, ["credential"] = bad }, HttpStatusCode.Unauthorized));
        await SignInScene.EnrolAsync(browser, token, scene.Passkey());
    }

    [Fact]
    public async Task A_registration_answers_one_link_alone()
    {
        var (first, second) = (await scene.InviteAsync("nurse"), await scene.InviteAsync("itAdministrator"));
        var browser = scene.Browser();
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = first }, HttpStatusCode.OK);
        await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = second }, HttpStatusCode.OK);
        Assert.Equal("enrolment.refused", await browser.RefusedAsync("enrolments",
            new JsonObject { ["token"] = second, ["credential"] = scene.Passkey().Register(begun.GetProperty("options")) }, HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_passkey_belongs_to_one_person()
    {
        var (_, passkey) = await scene.SignedInAsync("nurse");
        var browser = scene.Browser();
        var token = await scene.InviteAsync("itAdministrator");
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        Assert.Equal("enrolment.refused", await browser.RefusedAsync("enrolments",
            new JsonObject { ["token"] = token, ["credential"] = passkey.Register(begun.GetProperty("options")) }, HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_second_link_for_a_colleague_brings_a_second_passkey_of_the_same_person()
    {
        var (first, second) = (scene.Passkey(), scene.Passkey());
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("physician", "sf-7"), first);
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("physician", "sf-7"), second);
        Assert.Equal(first.UserHandle, second.UserHandle);
        var browser = scene.Browser();
        await browser.SignInAsync(first);
        Assert.Equal("sf-7", (await scene.Browser().SignInAsync(second)).GetProperty("staffId").GetString());
        Assert.Equal(3 + 1, (await browser.GetOkAsync("sessions")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_patients_passkey_is_pinned_on_the_channel_with_this_origin()
    {
        var (patientId, _, passkey) = await scene.PatientAsync("4714");
        var replica = scene.Node.App.Services.GetRequiredService<Replica>();
        var pinned = await replica.GetAsync(LedgerKey.Credential(patientId, passkey.CredentialId), LedgerJson.Default.CredentialEntry, default);
        Assert.Equal(SignInScene.RpId, pinned!.Credential.RpId);
        Assert.Equal([SignInScene.Origin], pinned.Credential.Origins);
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(passkey.CoseKey.Span), pinned.Credential.PublicKey);
    }

    [Fact]
    public async Task A_ledger_that_is_away_leaves_the_link_good()
    {
        var token = await scene.InvitePatientAsync(await scene.RegisterAsync("4715"));
        var browser = scene.Browser();
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        scene.Channel.IsAway = true;
        Assert.Equal("ledger.unavailable", await browser.RefusedAsync("enrolments",
            new JsonObject { ["token"] = token, ["credential"] = scene.Passkey().Register(begun.GetProperty("options")) }, HttpStatusCode.ServiceUnavailable));
        scene.Channel.IsAway = false;
        Assert.Equal("patient", (await SignInScene.EnrolAsync(browser, token, scene.Passkey())).GetProperty("role").GetString());
    }

    [Fact]
    public async Task A_patient_who_lost_the_passkey_gets_in_with_another_once_a_second_hospital_vouches_and_only_as_far_as_that_goes()
    {
        var (patientId, browser, lost) = await scene.PatientAsync("4716");
        await browser.PostAsync($"patients/{patientId}/links", lost.Signed(lost.Statement(patientId, new LinkBody("SouthMSP"))), HttpStatusCode.Created);
        var (desk, found) = (scene.Browser(), scene.Passkey());
        var token = await scene.InvitePatientAsync(patientId);
        var begun = await desk.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        var waits = await desk.PostAsync("enrolments",
            new JsonObject { ["token"] = token, ["credential"] = found.Register(begun.GetProperty("options")) }, HttpStatusCode.Conflict);
        Assert.Equal("enrolment.waits", waits.GetProperty("code").GetString());
        Assert.Contains("the link is used", waits.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Contains("this hospital has vouched", waits.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await desk.SignInAsync(found, HttpStatusCode.Unauthorized);
        using var registrar = scene.Node.Client(Role.Registrar);
        var signer = (await registrar.GetOkAsync($"/api/v1/patients/{patientId}/attested-signers")).GetProperty("signers").EnumerateArray().Single();
        Assert.Equal("incomplete", signer.GetProperty("status").GetString());
        var signerId = signer.GetProperty("signerId").GetString()!;
        var credential = new Credential(found.CredentialId, System.Buffers.Text.Base64Url.EncodeToString(found.CoseKey.Span), found.RpId, [found.Origin]);
        var word = await scene.Channel.As("SouthMSP").SubmitAsync(new HealthShare.Node.Ledger.LedgerCall(LedgerTransactions.AttestSigner,
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                new AttestSigner(patientId, signerId, VouchedKind.Credential, [credential]), LedgerJson.Default.AttestSigner)), default);
        await scene.Node.App.Services.GetRequiredService<IReadModel>().WaitForAsync(word.Block, default).WaitAsync(TimeSpan.FromSeconds(60));
        var session = await desk.SignInAsync(found);
        Assert.Equal(("delegate", signerId), (session.GetProperty("role").GetString(), session.GetProperty("delegateId").GetString()));
        Assert.Equal(HttpStatusCode.Forbidden, await desk.GetStatusAsync($"patients/{patientId}/consents"));
        var own = await desk.GetOkAsync($"patients/{patientId}/attested-signers/own");
        Assert.Equal((signerId, "waiting"), (own.GetProperty("signerId").GetString(), own.GetProperty("status").GetString()));
        Assert.Equal(found.CredentialId, own.GetProperty("credentials")[0].GetProperty("credentialId").GetString());
        Assert.Equal(HttpStatusCode.NotFound, await browser.GetStatusAsync($"patients/{patientId}/attested-signers/own")); // signs by a key of the patient's own
        Assert.Equal(HttpStatusCode.NotFound, await desk.GetStatusAsync($"patients/{await scene.RegisterAsync("4717")}/attested-signers/own"));
        // It sees and ends its own sessions alone: the patient keeps those in which to object, and may end these.
        var vouched = Assert.Single((await desk.GetOkAsync("sessions")).GetProperty("items").EnumerateArray());
        Assert.True(vouched.GetProperty("current").GetBoolean());
        var all = (await browser.GetOkAsync("sessions")).GetProperty("items").EnumerateArray().ToList();
        var patients = all.Single(one => one.GetProperty("current").GetBoolean()).GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NotFound, await desk.DeleteAsync($"sessions/{patients}"));
        Assert.Equal(HttpStatusCode.OK, await browser.GetStatusAsync("session"));
        // Nor is it the patient's own fresh use of a passkey, in the patient's session, or the other way round.
        foreach (var (page, passkey, expected) in ((TestBrowser, SoftwareAuthenticator, HttpStatusCode)[])[(browser, found, HttpStatusCode.Unauthorized),
            (desk, lost, HttpStatusCode.Unauthorized), (browser, lost, HttpStatusCode.OK), (desk, found, HttpStatusCode.OK)])
        {
            var fresh = await page.PostAsync("session/step-up/options", new JsonObject(), HttpStatusCode.OK);
            await page.PostAsync("session/step-up", new JsonObject { ["credential"] = passkey.SignIn(fresh) }, expected);
        }
        Assert.Contains(all, one => one.GetProperty("id").GetString() == vouched.GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.NoContent, await browser.DeleteAsync($"sessions/{vouched.GetProperty("id").GetString()}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await desk.GetStatusAsync("session"));
        await desk.SignInAsync(found);
        // The old one objects: the new one is out with that block.
        var objection = new JsonObject { ["statement"] = lost.Signed(lost.Statement(patientId, new RevokeDelegateBody(signerId))) };
        using (var relayed = await browser.SendAsync(HttpMethod.Post, $"patients/{patientId}/attested-signers/{signerId}/objection", objection))
            Assert.True(relayed.IsSuccessStatusCode, await relayed.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await desk.GetStatusAsync("session"));
        await desk.SignInAsync(found, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_helper_signs_in_with_the_passkey_that_the_appointment_names_and_with_no_other()
    {
        var (patientId, browser, passkey) = await scene.PatientAsync("4718");
        var id = LedgerId.New(IdKind.Delegate);
        var (helper, own) = (scene.Browser(), scene.Passkey());
        await SignInScene.EnrolAsync(helper, await scene.InviteDelegateAsync(patientId, id), own); // to show it: nothing is signed yet
        var (early, others) = (scene.Browser(), scene.Passkey());
        await SignInScene.EnrolAsync(early, await scene.InviteDelegateAsync(patientId, id), others);
        await browser.PostAsync($"patients/{patientId}/delegates", passkey.Signed(passkey.Statement(patientId,
            new AppointDelegateBody(id, [DelegateScene.Own(own)], new DelegateScope(DelegateActs.Deny), NextSeason()))), HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.Unauthorized, await early.GetStatusAsync("session"));
        await early.SignInAsync(others, HttpStatusCode.Unauthorized);
        var late = await scene.InviteDelegateAsync(patientId, id);
        var begun = await early.PostAsync("enrolments/options", new JsonObject { ["token"] = late }, HttpStatusCode.OK);
        Assert.Equal("enrolment.waits", await early.RefusedAsync("enrolments",
            new JsonObject { ["token"] = late, ["credential"] = scene.Passkey().Register(begun.GetProperty("options")) }, HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.OK, await helper.GetStatusAsync($"patients/{patientId}"));
        Assert.Equal(id, (await helper.SignInAsync(own)).GetProperty("delegateId").GetString());
    }

    [Fact]
    public async Task A_guardian_whom_somebody_objected_to_signs_in_no_more()
    {
        var (patientId, _, _) = await scene.PatientAsync("4719");
        using var registrar = scene.Node.Client(Role.Registrar);
        var own = scene.Passkey();
        var signers = $"{SignInScene.Api}patients/{patientId}/attested-signers";
        var id = (await registrar.PostAsync(signers, new JsonObject
        {
            ["kind"] = "guardian", ["credentials"] = new JsonArray(own.Credential()), ["end"] = LedgerTime.Format(NextSeason()),
        }, HttpStatusCode.Created)).GetProperty("signerId").GetString()!;
        var guardian = scene.Browser();
        await SignInScene.EnrolAsync(guardian, await scene.InviteDelegateAsync(patientId, id), own);
        await registrar.PostAsync($"{signers}/{id}/objection", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await guardian.GetStatusAsync("session"));
        await guardian.SignInAsync(own, HttpStatusCode.Unauthorized);
    }

    private static DateTimeOffset NextSeason()
    {
        var now = DateTimeOffset.UtcNow;
        return new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(3);
    }

    private static byte[] RsaKey()
    {
        using var rsa = RSA.Create(2048);
        var key = rsa.ExportParameters(includePrivateParameters: false);
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(4);
        writer.WriteInt32(1); // key type
        writer.WriteInt32(3); // RSA
        writer.WriteInt32(3); // algorithm
        writer.WriteInt32(-257); // RS256
        writer.WriteInt32(-1); // modulus
        writer.WriteByteString(key.Modulus!);
        writer.WriteInt32(-2); // exponent
        writer.WriteByteString(key.Exponent!);
        writer.WriteEndMap();
        return writer.Encode();
    }

    private static byte[] P384Key()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var key = ec.ExportParameters(includePrivateParameters: false);
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(5);
        foreach (var (name, value) in new[] { (1, 2), (3, -35), (-1, 2) })
        {
            writer.WriteInt32(name);
            writer.WriteInt32(value);
        }
        writer.WriteInt32(-2);
        writer.WriteByteString(key.Q.X!);
        writer.WriteInt32(-3);
        writer.WriteByteString(key.Q.Y!);
        writer.WriteEndMap();
        return writer.Encode();
    }
}
