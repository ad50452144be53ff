using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Enrolment;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Events;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Node.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth;

public sealed class StaffTests(SharedSignInScene shared) : IClassFixture<SharedSignInScene>
{
    private const string Members = SignInScene.Api + "organizations";
    private readonly SignInScene scene = shared.Scene;

    [Fact]
    public async Task An_administrator_sees_the_staff_and_no_patients_page_by_page()
    {
        await scene.PatientAsync("staff-1");
        var (physician, _) = await scene.SignedInAsync("physician");
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var physicianId = await IdAsync(admin, physician);
        var (all, next) = (new List<JsonElement>(), "staff?limit=1");
        while (next.Length > 0)
        {
            var page = await admin.GetOkAsync(next);
            all.Add(Assert.Single(page.GetProperty("items").EnumerateArray()));
            next = page.TryGetProperty("next", out var cursor) && cursor.GetString() is { } at ? $"staff?limit=1&cursor={at}" : "";
        }
        Assert.DoesNotContain(all, person => person.GetProperty("role").GetString() is "patient" or "delegate");
        var shown = Assert.Single(all, person => person.GetProperty("id").GetString() == physicianId);
        Assert.Equal(("physician", "Nora Brandt", 1, 1, 1), (shown.GetProperty("role").GetString(), shown.GetProperty("displayName").GetString(),
            shown.GetProperty("passkeys").GetInt32(), shown.GetProperty("sessions").GetInt32(), shown.GetProperty("keysInForce").GetInt32()));
        Assert.Single(all, person => person.GetProperty("self").GetBoolean());
    }

    [Fact]
    public async Task A_disabled_person_is_out_at_once_on_every_device_and_on_the_channel()
    {
        var (physician, passkey) = await scene.SignedInAsync("physician");
        var second = scene.Browser();
        await second.SignInAsync(passkey);
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var person = await MemberAsync(admin, await IdAsync(admin, physician));
        var (id, staffId) = (person.GetProperty("id").GetString()!, person.GetProperty("staffId").GetString()!);
        var unused = await scene.InviteAsync("physician", staffId); // a second link for the same person
        var replica = scene.Node.App.Services.GetRequiredService<Replica>();
        Assert.Null((await KeyAsync(replica, passkey.CredentialId)).RevokedAt);

        var disabled = await admin.PostAsync($"staff/{id}/disabling", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal((0, 0, 0), (disabled.GetProperty("passkeys").GetInt32(), disabled.GetProperty("sessions").GetInt32(), disabled.GetProperty("keysInForce").GetInt32()));
        Assert.Equal(JsonValueKind.String, disabled.GetProperty("disabledAt").ValueKind);
        Assert.Equal(HttpStatusCode.Unauthorized, await physician.GetStatusAsync("session"));
        Assert.Equal(HttpStatusCode.Unauthorized, await second.GetStatusAsync("session"));
        await second.SignInAsync(passkey, HttpStatusCode.Unauthorized);
        Assert.NotNull((await KeyAsync(replica, passkey.CredentialId)).RevokedAt);
        Assert.Equal("enrolment.not_available", await scene.Browser().RefusedAsync(
            "enrolments/options", new JsonObject { ["token"] = unused }, HttpStatusCode.NotFound));

        // Again is no harm, and a link made afterwards lets the same person in with a new passkey.
        await admin.PostAsync($"staff/{id}/disabling", new JsonObject(), HttpStatusCode.OK);
        var session = await SignInScene.EnrolAsync(physician, await scene.InviteAsync("physician", staffId), scene.Passkey());
        Assert.Equal(staffId, session.GetProperty("staffId").GetString());
        var back = await MemberAsync(admin, id);
        Assert.Equal(1, back.GetProperty("passkeys").GetInt32());
        Assert.True(!back.TryGetProperty("disabledAt", out var at) || at.ValueKind is JsonValueKind.Null);
    }

    [Fact]
    public async Task The_officer_sees_who_was_let_in_as_whom_and_by_whom()
    {
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var self = (await admin.GetOkAsync("staff?limit=200")).GetProperty("items").EnumerateArray()
            .Single(one => one.GetProperty("self").GetBoolean()).GetProperty("id").GetString();
        foreach (var role in (string[])["physician", "physician", "privacyOfficer"])
            await SignInScene.EnrolAsync(scene.Browser(), await LinkAsync(admin, role, "sf-let-in"), scene.Passkey());
        await scene.PatientAsync("staff-let-in");
        using var officer = scene.Node.Client(Role.PrivacyOfficer);
        var noted = (await officer.GetOkAsync("/api/v1/incidents?limit=1000")).EnumerateArray()
            .Where(one => one.GetProperty("code").GetString() == "staff.enrolled").Select(one => one.GetProperty("detail").GetString()!).ToList();
        Assert.Equal(
        [
            $"sf-let-in is privacyOfficer, before physician; passkey 3; invited by {self}", $"sf-let-in is physician; passkey 2; invited by {self}",
            $"sf-let-in is physician; passkey 1; invited by {self}",
        ], noted.Where(detail => detail.StartsWith("sf-let-in ", StringComparison.Ordinal)));
        Assert.All(noted, detail => Assert.Contains(" is ", detail, StringComparison.Ordinal));
        Assert.All(noted, detail => Assert.DoesNotContain(" is patient", detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_gets_another_role_has_no_key_of_the_earlier_one_on_the_channel()
    {
        var (browser, old, next) = (scene.Browser(), scene.Passkey(), scene.Passkey());
        await SignInScene.EnrolAsync(browser, await scene.InviteAsync("physician", "sf-moves"), old);
        var session = await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("registrar", "sf-moves"), next);
        Assert.Equal("registrar", session.GetProperty("role").GetString());
        Assert.NotNull((await KeyAsync(scene.Node.App.Services.GetRequiredService<Replica>(), old.CredentialId)).RevokedAt);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
        await scene.Browser().SignInAsync(old, HttpStatusCode.Unauthorized);
        await scene.Browser().SignInAsync(next);
    }

    [Fact]
    public async Task Who_gets_another_role_signs_in_anew_for_it()
    {
        var (browser, passkey) = await scene.SignedInAsync("registrar"); // no key on the channel that would be revoked
        var staffId = (await browser.GetOkAsync("session")).GetProperty("staffId").GetString();
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("privacyOfficer", staffId), scene.Passkey());
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
        Assert.Equal("privacyOfficer", (await browser.SignInAsync(passkey)).GetProperty("role").GetString());
    }

    [Fact]
    public async Task A_disabled_persons_webhooks_are_off_until_somebody_who_may_hear_that_switches_them_on()
    {
        var (officer, _) = await scene.SignedInAsync("privacyOfficer");
        var (other, _) = await scene.SignedInAsync("privacyOfficer");
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var id = (await officer.PostAsync("webhooks", WebhookCalls.Wanted("https://system.north.example/hook", "notification"), HttpStatusCode.Created))
            .GetProperty("webhook").GetProperty("id").GetString();
        await admin.PostAsync($"staff/{await IdAsync(admin, officer)}/disabling", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal("makerDisabled", (await other.GetOkAsync($"webhooks/{id}")).GetProperty("disabledCode").GetString());
        Assert.Contains((await other.GetOkAsync("incidents?limit=1000")).EnumerateArray(), one => one.GetProperty("code").GetString() == "webhook.disabled"
            && one.GetProperty("subject").GetString()!.StartsWith($"{id} ", StringComparison.Ordinal) && one.GetProperty("detail").GetString() == "makerDisabled");
        Assert.Equal("webhook.topic_forbidden", await admin.RefusedAsync($"webhooks/{id}/enable", new JsonObject(), HttpStatusCode.Forbidden));
        var enabled = (await other.PostAsync($"webhooks/{id}/enable", new JsonObject(), HttpStatusCode.OK)).GetProperty("webhook");
        Assert.False(enabled.TryGetProperty("disabledAt", out var at) && at.ValueKind is not JsonValueKind.Null);
        Assert.Equal(await IdAsync(admin, other), enabled.GetProperty("createdBy").GetString());
    }

    [Fact]
    public async Task A_webhook_that_somebody_made_by_a_token_goes_off_with_the_person()
    {
        var staffId = $"staff-{(int)Role.PrivacyOfficer}"; // as the settings, or the hospital's provider, name a person
        using var token = scene.Node.Client(Role.PrivacyOfficer);
        var (id, _) = await WebhookCalls.MakeAsync(token, "https://system.north.example/hook", "notification");
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("privacyOfficer", staffId), scene.Passkey());
        await DisableAsync(staffId);
        var (other, _) = await scene.SignedInAsync("privacyOfficer");
        Assert.Equal("makerDisabled", (await other.GetOkAsync($"webhooks/{id}")).GetProperty("disabledCode").GetString());
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("privacyOfficer", staffId), scene.Passkey()); // for the tests beside this one
    }

    [Fact]
    public async Task Who_gets_a_role_that_may_not_read_what_a_webhook_tells_of_has_it_told_no_more()
    {
        var (officer, _) = await scene.SignedInAsync("privacyOfficer");
        var (other, _) = await scene.SignedInAsync("privacyOfficer");
        var (told, kept) = (await MakeAsync("intake", "incident"), await MakeAsync("intake"));
        var staffId = (await officer.GetOkAsync("session")).GetProperty("staffId").GetString();
        await SignInScene.EnrolAsync(officer, await scene.InviteAsync("itAdministrator", staffId), scene.Passkey());
        Assert.Equal("makerDisabled", (await other.GetOkAsync($"webhooks/{told}")).GetProperty("disabledCode").GetString());
        Assert.False((await other.GetOkAsync($"webhooks/{kept}")).TryGetProperty("disabledCode", out _));
        // Switched on again it is another's, who may.
        Assert.Equal("webhook.topic_forbidden", await officer.RefusedAsync($"webhooks/{told}/enable", new JsonObject(), HttpStatusCode.Forbidden));
        await other.PostAsync($"webhooks/{told}/enable", new JsonObject(), HttpStatusCode.OK);

        async Task<string?> MakeAsync(params string[] topics) =>
            (await officer.PostAsync("webhooks", WebhookCalls.Wanted("https://system.north.example/hook", topics), HttpStatusCode.Created))
                .GetProperty("webhook").GetProperty("id").GetString();
    }

    [Fact]
    public async Task Nobody_disables_oneself_a_patient_or_nobody_and_others_may_not()
    {
        var (patientId, patient, _) = await scene.PatientAsync("staff-2");
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var (nurse, _) = await scene.SignedInAsync("nurse");
        var self = (await admin.GetOkAsync("staff?limit=200")).GetProperty("items").EnumerateArray().Single(person => person.GetProperty("self").GetBoolean());
        Assert.Equal("staff.self", await admin.RefusedAsync($"staff/{self.GetProperty("id").GetString()}/disabling", new JsonObject(), HttpStatusCode.Conflict));
        Assert.Equal("auth.forbidden", await nurse.RefusedAsync($"staff/{self.GetProperty("id").GetString()}/disabling", new JsonObject(), HttpStatusCode.Forbidden));
        Assert.Equal(HttpStatusCode.Forbidden, await nurse.GetStatusAsync("staff"));
        var people = scene.Node.App.Services.GetRequiredService<PersonStore>();
        var known = (await people.FindBySubjectAsync($"patient {patientId}", default))!;
        foreach (var id in (string[])[known.Id, "us-00000000000000000000000000000000", "' OR 1=1 --"])
        {
            Assert.Equal("access.not_available",
                await admin.RefusedAsync($"staff/{Uri.EscapeDataString(id)}/disabling", new JsonObject(), HttpStatusCode.NotFound));
        }
        Assert.Equal(HttpStatusCode.OK, await patient.GetStatusAsync("session"));
        foreach (var query in (string[])["limit=0", "limit=201", "cursor=%3D", "cursor=AAAA"])
            Assert.Equal(HttpStatusCode.BadRequest, await admin.GetStatusAsync($"staff?{query}"));
        scene.Clock.Forward(TimeSpan.FromMinutes(6));
        Assert.Equal("session.step_up_required", await admin.RefusedAsync($"staff/{known.Id}/disabling", new JsonObject(), HttpStatusCode.Forbidden));
    }

    [Fact]
    public async Task A_sign_in_under_way_while_the_passkey_goes_begins_no_session()
    {
        var (browser, passkey) = await scene.SignedInAsync("pharmacist");
        var options = await browser.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
        var answer = new JsonObject { ["credential"] = passkey.SignIn(options) };
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var id = await IdAsync(admin, browser);
        await admin.PostAsync($"staff/{id}/disabling", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal("session.refused", await browser.RefusedAsync("session", answer, HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_token_of_a_disabled_person_is_refused_and_its_stream_ends_until_a_new_link_lets_the_person_in()
    {
        using var token = scene.Node.Client(Role.Pharmacist); // as the settings, or the hospital's provider, name a person
        var staffId = $"staff-{(int)Role.Pharmacist}";
        var browser = scene.Browser();
        await SignInScene.EnrolAsync(browser, await scene.InviteAsync("pharmacist", staffId), scene.Passkey());
        await using var stream = await EventStreamReader.OpenAsync(token);
        await stream.NextAsync("ready");
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        await admin.PostAsync($"staff/{await IdAsync(admin, browser)}/disabling", new JsonObject(), HttpStatusCode.OK);
        await scene.Node.App.Services.GetRequiredService<IncidentLog>().NoteAsync(
            new Incident(DateTimeOffset.UtcNow, "access.decision_not_confirmed", null, "ac-1", "x"), default);
        Assert.Equal("session", (await stream.NextAsync("end")).GetProperty("reason").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await token.GetAsync(Members)).StatusCode);
        await SignInScene.EnrolAsync(browser, await scene.InviteAsync("pharmacist", staffId), scene.Passkey());
        await token.GetOkAsync(Members);
    }

    [Fact]
    public async Task A_key_that_reaches_the_channel_after_the_disabling_is_revoked_and_signs_nobody_in()
    {
        var (browser, passkey, staffId) = (scene.Browser(), scene.Passkey(), "sf-under-way");
        var token = await SecondLinkAsync(staffId);
        Assert.Equal("enrolment.not_available", CodeOf(
            await WhileOnItsWayAsync(browser, token, passkey, () => DisableAsync(staffId), HttpStatusCode.NotFound)));
        Assert.NotNull((await KeyAsync(scene.Node.App.Services.GetRequiredService<Replica>(), passkey.CredentialId)).RevokedAt);
        await browser.SignInAsync(passkey, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_link_whose_use_failed_while_the_person_was_disabled_is_not_good_again()
    {
        const string StaffId = "sf-under-way-2";
        var token = await SecondLinkAsync(StaffId);
        await WhileOnItsWayAsync(scene.Browser(), token, scene.Passkey(), async () =>
        {
            await DisableAsync(StaffId);
            throw FakeLedger.Away(LedgerStage.Endorse);
        }, HttpStatusCode.ServiceUnavailable);
        await NotGoodAsync(token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_whose_use_failed_after_a_newer_one_was_made_is_not_good_again_and_else_it_is(bool hasNewer)
    {
        var (browser, staffId) = (scene.Browser(), $"sf-newer-{hasNewer}");
        var token = await scene.InviteAsync("nurse", staffId);
        var newer = "";
        await WhileOnItsWayAsync(browser, token, scene.Passkey(), async () =>
        {
            newer = hasNewer ? await scene.InviteAsync("nurse", staffId) : "";
            throw FakeLedger.Away(LedgerStage.Endorse);
        }, HttpStatusCode.ServiceUnavailable);
        if (hasNewer)
            await NotGoodAsync(token);
        await SignInScene.EnrolAsync(browser, hasNewer ? newer : token, scene.Passkey());
    }

    [Fact]
    public async Task Somebody_new_who_uses_a_link_while_a_newer_one_is_made_is_one_person_by_both()
    {
        const string StaffId = "sf-twice-new";
        var (first, second) = (scene.Passkey(), scene.Passkey());
        var newer = "";
        await WhileOnItsWayAsync(scene.Browser(), await scene.InviteAsync("nurse", StaffId), first,
            async () => newer = await scene.InviteAsync("nurse", StaffId), HttpStatusCode.OK);
        await SignInScene.EnrolAsync(scene.Browser(), newer, second);
        Assert.Equal(first.UserHandle, second.UserHandle);
        await scene.Browser().SignInAsync(first);
        await scene.Browser().SignInAsync(second);
    }

    [Theory]
    [InlineData("refused", HttpStatusCode.UnprocessableEntity)]
    [InlineData("away", HttpStatusCode.ServiceUnavailable)]
    [InlineData("unknown", HttpStatusCode.ServiceUnavailable)]
    public async Task A_passkey_that_the_channel_does_not_take_changes_neither_role_nor_sessions_nor_incidents_and_the_link_stays_good(
        string what, HttpStatusCode expected)
    {
        var (browser, own, staffId) = (scene.Browser(), scene.Passkey(), $"sf-not-taken-{what}");
        await SignInScene.EnrolAsync(browser, await scene.InviteAsync("nurse", staffId), own);
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var (replica, keys) = (scene.Node.App.Services.GetRequiredService<Replica>(), scene.Node.App.Services.GetRequiredService<EndedStaffKeys>());
        var (token, refused) = (await scene.InviteAsync("physician", staffId), scene.Passkey());
        var incidents = await EnrolledAsync(staffId);
        var call = (LedgerCall?)null;
        await WhileOnItsWayAsync(scene.Browser(), token, refused, async sent =>
        {
            call = sent;
            if (what == "unknown")
                await scene.Node.App.Services.GetRequiredService<IReadModel>().WaitForAsync((await scene.Channel.As("NorthMSP").SubmitAsync(sent, default)).Block, default);
            throw what == "refused" ? FakeLedger.Refusal("staff_key.key_taken") : FakeLedger.Away(what == "away" ? LedgerStage.Endorse : LedgerStage.CommitStatus);
        }, expected);

        Assert.Equal("nurse", (await browser.GetOkAsync("session")).GetProperty("role").GetString());
        var person = await MemberAsync(admin, await IdAsync(admin, browser));
        Assert.Equal(("nurse", 1), (person.GetProperty("role").GetString(), person.GetProperty("passkeys").GetInt32()));
        Assert.Equal(incidents, await EnrolledAsync(staffId));
        Assert.Equal(0, await keys.RevokeAsync(default));
        Assert.Null((await KeyAsync(replica, own.CredentialId)).RevokedAt);
        if (what == "unknown")
            Assert.NotNull((await KeyAsync(replica, refused.CredentialId)).RevokedAt);
        await scene.Browser().SignInAsync(refused, HttpStatusCode.Unauthorized);
        await scene.Browser().SignInAsync(own);

        // What comes late to the channel after all is nobody's there, either.
        if (what == "away")
        {
            await scene.Node.App.Services.GetRequiredService<IReadModel>().WaitForAsync((await scene.Channel.As("NorthMSP").SubmitAsync(call!, default)).Block, default);
            Assert.Equal(0, await keys.RevokeAsync(default));
            Assert.NotNull((await KeyAsync(replica, refused.CredentialId)).RevokedAt);
        }
        var session = await SignInScene.EnrolAsync(scene.Browser(), token, scene.Passkey());
        Assert.Equal("physician", session.GetProperty("role").GetString());
        Assert.NotNull((await KeyAsync(replica, own.CredentialId)).RevokedAt);
    }

    [Fact]
    public async Task A_key_whose_node_died_before_the_person_had_it_is_revoked_and_not_while_it_is_on_its_way()
    {
        var (database, clock) = (scene.Node.App.Services.GetRequiredService<IDatabase>(), scene.Clock);
        var (replica, keys, passkey) = (scene.Node.App.Services.GetRequiredService<Replica>(), scene.Node.App.Services.GetRequiredService<EndedStaffKeys>(), scene.Passkey());
        Assert.True(await BeginAsync());
        Assert.False(await BeginAsync());
        var credential = new Credential(passkey.CredentialId, System.Buffers.Text.Base64Url.EncodeToString(passkey.CoseKey.Span), passkey.RpId, [passkey.Origin]);
        var commit = await scene.Node.App.Services.GetRequiredService<LedgerService>().SubmitAsync(LedgerTransactions.RegisterStaffKey,
            new RegisterStaffKey("sf-died", "nurse", credential), LedgerJson.Default.RegisterStaffKey, LedgerJson.Default.StaffKeyEntry, default);
        await scene.Node.App.Services.GetRequiredService<IReadModel>().WaitForAsync(commit.Block, default);
        await keys.RevokeAsync(default);
        Assert.Null((await KeyAsync(replica, passkey.CredentialId)).RevokedAt);
        clock.Forward(TimeSpan.FromMinutes(11));
        await keys.RevokeAsync(default);
        Assert.NotNull((await KeyAsync(replica, passkey.CredentialId)).RevokedAt);
        Assert.False(await database.WriteAsync(transaction =>
            StaffKeyOnItsWay.ArriveAsync(transaction, passkey.CredentialId, clock.GetUtcNow(), default), default));

        Task<bool> BeginAsync() => database.WriteAsync(
            transaction => StaffKeyOnItsWay.BeginAsync(transaction, passkey.CredentialId, clock.GetUtcNow(), default), default);
    }

    [Fact]
    public async Task A_passkey_that_was_ended_and_a_disabled_persons_are_no_staff_keys_again()
    {
        const string StaffId = "sf-ended";
        var (first, second) = (scene.Passkey(), scene.Passkey());
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("pharmacist", StaffId), first); // on the channel nothing yet
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("nurse", StaffId), second);
        using var admin = scene.Node.Client(Role.ItAdministrator);
        Assert.Equal("staff_key.ended", await admin.RefusedAsync("/api/v1/staff-keys", Key(first), HttpStatusCode.Conflict));
        await DisableAsync(StaffId);
        Assert.Equal("staff_key.ended", await admin.RefusedAsync("/api/v1/staff-keys", Key(scene.Passkey()), HttpStatusCode.Conflict));

        // Nor by a link, whatever the role.
        foreach (var role in (string[])["nurse", "registrar"])
        {
            var (browser, token) = (scene.Browser(), await scene.InviteAsync(role, StaffId));
            Assert.Equal("enrolment.refused", CodeOf(await WhileOnItsWayAsync(browser, token, second, () => Task.CompletedTask, HttpStatusCode.Unauthorized)));
            await scene.Browser().PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK); // the link stays good
        }
        Assert.Equal(2, await EnrolledAsync(StaffId));

        static JsonObject Key(SoftwareAuthenticator passkey) => new() { ["staffId"] = StaffId, ["role"] = "nurse", ["credential"] = passkey.Credential() };
    }

    [Fact]
    public async Task Links_that_somebody_made_end_with_the_person_also_those_made_by_a_token()
    {
        var (maker, _) = await scene.SignedInAsync("itAdministrator");
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var own = await LinkAsync(maker, "itAdministrator");
        var others = await LinkAsync(admin, "itAdministrator");
        using var token = scene.Node.Client(Role.ItAdministrator); // of the staff id that the settings name
        var byToken = await scene.InviteAsync("pharmacist");
        var named = scene.Browser();
        await SignInScene.EnrolAsync(named, await scene.InviteAsync("nurse", $"staff-{(int)Role.ItAdministrator}"), scene.Passkey());
        var disabled = await admin.PostAsync($"staff/{await IdAsync(admin, maker)}/disabling", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal(1, disabled.GetProperty("linksWithdrawn").GetInt32());
        await NotGoodAsync(own);
        await admin.PostAsync($"staff/{await IdAsync(admin, named)}/disabling", new JsonObject(), HttpStatusCode.OK);
        await NotGoodAsync(byToken);
        await scene.Browser().PostAsync("enrolments/options", new JsonObject { ["token"] = others }, HttpStatusCode.OK);
        // Back to work, for the tests beside this one.
        var again = await LinkAsync(admin, "nurse", $"staff-{(int)Role.ItAdministrator}");
        await SignInScene.EnrolAsync(named, again, scene.Passkey());
        await NotGoodAsync(byToken);
    }

    [Fact]
    public async Task A_key_that_the_channel_could_not_be_told_of_is_revoked_later_also_when_the_person_is_back()
    {
        var (nurse, passkey) = await scene.SignedInAsync("nurse");
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var person = await MemberAsync(admin, await IdAsync(admin, nurse));
        scene.Ledger.Closed[LedgerTransactions.RevokeStaffKey] = true;
        var disabled = await admin.PostAsync($"staff/{person.GetProperty("id").GetString()}/disabling", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal(1, disabled.GetProperty("keysInForce").GetInt32());
        var next = scene.Passkey();
        await SignInScene.EnrolAsync(nurse, await scene.InviteAsync("nurse", person.GetProperty("staffId").GetString()), next);
        var keys = scene.Node.App.Services.GetRequiredService<EndedStaffKeys>();
        Assert.Equal(1, await keys.RevokeAsync(default));
        scene.Ledger.Closed.Clear();
        Assert.Equal(0, await keys.RevokeAsync(default));
        var replica = scene.Node.App.Services.GetRequiredService<Replica>();
        Assert.NotNull((await KeyAsync(replica, passkey.CredentialId)).RevokedAt);
        Assert.Null((await KeyAsync(replica, next.CredentialId)).RevokedAt);
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task On_every_database_sessions_that_are_over_go_and_links_a_month_later(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        await using var scope = scene.Node.App.Services.CreateAsyncScope();
        var now = scene.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        const long Day = 24 * 60 * 60 * 1000;
        await test.Instance.WriteAsync(transaction => Dapper.SqlMapper.ExecuteAsync(transaction.Connection!, """
            INSERT INTO person (id, subject, role, name, staff_id, created_at) VALUES ('us-1', 'staff sf-1', 'Nurse', @one, 'sf-1', 5);
            INSERT INTO session (id, token_hash, person_id, credential_id, user_agent, created_at, last_seen_at, expires_at, step_up_until)
                VALUES ('open', @one, 'us-1', 'cd-1', '', @now, @now, @tomorrow, 5), ('ended', @two, 'us-1', 'cd-1', '', 5, @now, @now, 5),
                    ('idle', @three, 'us-1', 'cd-1', '', 5, @yesterday, @tomorrow, 5);
            INSERT INTO invitation (id, token_hash, person_id, subject, role, name, staff_id, created_by, created_at, expires_at, used_at)
                VALUES ('open', @one, 'us-1', 'staff sf-1', 'Nurse', @one, 'sf-1', 'us-2', 5, @tomorrow, NULL),
                    ('lately', @two, 'us-1', 'staff sf-1', 'Nurse', @one, 'sf-1', 'us-2', 5, @yesterday, NULL),
                    ('used', @three, 'us-1', 'staff sf-1', 'Nurse', @one, 'sf-1', 'us-2', 5, @month, 6),
                    ('unused', @four, 'us-1', 'staff sf-1', 'Nurse', @one, 'sf-1', 'us-2', 5, @month, NULL);
            """, new
        {
            now, yesterday = now - Day, tomorrow = now + Day, month = now - (31 * Day), one = new byte[] { 1 }, two = new byte[] { 2 }, three = new byte[] { 3 }, four = new byte[] { 4 },
        }, transaction), default);
        Assert.Equal(2, await ActivatorUtilities.CreateInstance<SessionStore>(scope.ServiceProvider, test.Instance).PruneAsync(default));
        Assert.Equal(2, await ActivatorUtilities.CreateInstance<InvitationStore>(scope.ServiceProvider, test.Instance).PruneAsync(default));
        await using var connection = await test.Instance.OpenAsync(default);
        Assert.Equal(["open"], await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT id FROM session"));
        Assert.Equal(["lately", "open"], await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT id FROM invitation ORDER BY id"));
        var pruned = scene.Node.App.Services.GetServices<IPruned>().ToList();
        Assert.Contains(pruned, one => one is SessionStore);
        Assert.Contains(pruned, one => one is InvitationStore);
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task On_every_database_a_disabling_takes_passkeys_sessions_and_links_and_notes_the_keys(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        await using var scope = scene.Node.App.Services.CreateAsyncScope();
        var directory = ActivatorUtilities.CreateInstance<StaffDirectory>(scope.ServiceProvider, test.Instance);
        Assert.Empty((await directory.ListAsync(null, 10, default)).People);
        Assert.Null(await directory.DisableAsync("us-1", "us-2", [], default));
        var name = scope.ServiceProvider.GetRequiredService<PersonNames>().Protect("Elif", "us-1");
        await test.Instance.WriteAsync(transaction => Dapper.SqlMapper.ExecuteAsync(transaction.Connection!, """
            INSERT INTO person (id, subject, role, name, staff_id, created_at) VALUES ('us-1', 'staff sf-1', 'Nurse', @name, 'sf-1', 5);
            INSERT INTO passkey (credential_id, person_id, public_key, sign_count, transports, backup_eligible, backed_up, created_at)
                VALUES ('cd-1', 'us-1', @name, 0, '', 0, 0, 5);
            INSERT INTO session (id, token_hash, person_id, credential_id, user_agent, created_at, last_seen_at, expires_at, step_up_until)
                VALUES ('se-1', @name, 'us-1', 'cd-1', '', 5, 5, 9999999999999, 5);
            INSERT INTO invitation (id, token_hash, person_id, subject, role, name, staff_id, created_by, created_at, expires_at)
                VALUES ('in-1', @name, 'us-1', 'staff sf-1', 'Nurse', @name, 'sf-1', 'us-2', 5, 9999999999999);
            INSERT INTO invitation (id, token_hash, person_id, subject, role, name, staff_id, created_by, created_staff, created_at, expires_at)
                VALUES ('in-2', @second, 'us-3', 'staff sf-3', 'Nurse', @name, 'sf-3', 'us-1', NULL, 5, 9999999999999),
                    ('in-3', @third, 'us-4', 'staff sf-4', 'Nurse', @name, 'sf-4', 'client ehr', 'sf-1', 5, 9999999999999),
                    ('in-4', @fourth, 'us-5', 'staff sf-5', 'Nurse', @name, 'sf-5', 'us-1', 'sf-1', 5, 6);
            """, new { name, second = new byte[] { 2 }, third = new byte[] { 3 }, fourth = new byte[] { 4 } }, transaction), default);
        var caller = new Caller("client ehr", Role.Nurse, "sf-1", null);
        Assert.False(await directory.IsDisabledAsync(caller, default));
        // One link for the person, two that the person made; one that was over counts for nobody.
        Assert.Equal(3, await directory.DisableAsync("us-1", "us-2", ["cd-2", "cd-1"], default));
        Assert.Equal(0, await directory.DisableAsync("us-1", "us-2", ["cd-2"], default));
        Assert.True(await directory.IsDisabledAsync(caller, default));
        Assert.False(await directory.IsDisabledAsync(caller with { StaffId = "sf-2" }, default));
        Assert.False(await directory.IsDisabledAsync(caller with { StaffId = null }, default));
        var (credentials, _, staff) = await directory.EndedAsync(default);
        Assert.Equal(["cd-1", "cd-2"], credentials.Order());
        Assert.Equal(["sf-1"], staff);
        await using var connection = await test.Instance.OpenAsync(default);
        foreach (var left in (string[])["passkey", "session", "invitation WHERE withdrawn_at IS NULL AND id <> 'in-4'"])
            Assert.Equal(0, await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, $"SELECT count(*) FROM {left}"));
        var shown = Assert.Single((await directory.ListAsync(null, 10, default)).People);
        Assert.Equal((0, 0), (shown.Passkeys, shown.Sessions));
        Assert.NotNull(shown.DisabledAt);
    }

    // A link for somebody who has a passkey.
    private async Task<string> SecondLinkAsync(string staffId)
    {
        await SignInScene.EnrolAsync(scene.Browser(), await scene.InviteAsync("nurse", staffId), scene.Passkey());
        return await scene.InviteAsync("nurse", staffId);
    }

    private Task<JsonElement> WhileOnItsWayAsync(
        TestBrowser browser, string token, SoftwareAuthenticator passkey, Func<Task> meanwhile, HttpStatusCode expected) =>
        WhileOnItsWayAsync(browser, token, passkey, _ => meanwhile(), expected);

    // Enrols a passkey by a link; while its key is on its way to the channel, something happens. What enrolling answers.
    private async Task<JsonElement> WhileOnItsWayAsync(
        TestBrowser browser, string token, SoftwareAuthenticator passkey, Func<LedgerCall, Task> meanwhile, HttpStatusCode expected)
    {
        var begun = await browser.PostAsync("enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.OK);
        scene.Ledger.BeforeSubmit = (call, _) => call.Transaction == LedgerTransactions.RegisterStaffKey ? meanwhile(call) : Task.CompletedTask;
        try
        {
            return await browser.PostAsync("enrolments",
                new JsonObject { ["token"] = token, ["credential"] = passkey.Register(begun.GetProperty("options")) }, expected);
        }
        finally
        {
            scene.Ledger.BeforeSubmit = null;
        }
    }

    private async Task DisableAsync(string staffId)
    {
        var (admin, _) = await scene.SignedInAsync("itAdministrator");
        var person = (await admin.GetOkAsync("staff?limit=200")).GetProperty("items").EnumerateArray()
            .Single(one => one.GetProperty("staffId").GetString() == staffId);
        await admin.PostAsync($"staff/{person.GetProperty("id").GetString()}/disabling", new JsonObject(), HttpStatusCode.OK);
    }

    // How often the officer was told that somebody was let in as this member of staff.
    private async Task<int> EnrolledAsync(string staffId)
    {
        using var officer = scene.Node.Client(Role.PrivacyOfficer);
        return (await officer.GetOkAsync("/api/v1/incidents?limit=1000")).EnumerateArray().Count(one => one.GetProperty("code").GetString() == "staff.enrolled"
            && one.GetProperty("detail").GetString()!.StartsWith($"{staffId} ", StringComparison.Ordinal));
    }

    private static string? CodeOf(JsonElement problem) => problem.GetProperty("code").GetString();

    private async Task NotGoodAsync(string token) => Assert.Equal("enrolment.not_available", await scene.Browser().RefusedAsync(
        "enrolments/options", new JsonObject { ["token"] = token }, HttpStatusCode.NotFound));

    private static async Task<string> LinkAsync(TestBrowser maker, string role, string? staffId = null)
    {
        var made = await maker.PostAsync("invitations", new JsonObject { ["role"] = role, ["displayName"] = "Elif", ["staffId"] = staffId }, HttpStatusCode.Created);
        return new Uri(made.GetProperty("link").GetString()!).Fragment[1..];
    }

    private static async Task<string> IdAsync(TestBrowser admin, TestBrowser person)
    {
        var staffId = (await person.GetOkAsync("session")).GetProperty("staffId").GetString();
        return (await admin.GetOkAsync("staff?limit=200")).GetProperty("items").EnumerateArray()
            .Single(one => one.GetProperty("staffId").GetString() == staffId).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> MemberAsync(TestBrowser admin, string id) => (await admin.GetOkAsync("staff?limit=200"))
        .GetProperty("items").EnumerateArray().Single(one => one.GetProperty("id").GetString() == id);

    private static async Task<StaffKeyEntry> KeyAsync(Replica replica, string credentialId) =>
        (await replica.GetAsync(LedgerKey.StaffKey("NorthMSP", credentialId), LedgerJson.Default.StaffKeyEntry, default))!;
}
