using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Patients.Handles;
using HealthShare.Policy.Ids;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Patients;

public sealed class HandleTests(SharedSignInScene shared) : IClassFixture<SharedSignInScene>
{
    private const string Redemption = SignInScene.Api + "patient-handles/redemption";
    private readonly SignInScene scene = shared.Scene;

    [Fact]
    public async Task A_typed_code_names_the_patient_once_and_the_patient_is_told()
    {
        var (patientId, patient, passkey) = await scene.PatientAsync("handle-1");
        var code = await OpenAsync(patient, patientId, TextOf(patientId, passkey));
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$", code);
        using var physician = scene.Node.Client(Role.Physician);
        var typed = code.ToLowerInvariant().Replace('-', ' ');
        var found = await physician.PostAsync(Redemption, Given($" {typed} "), HttpStatusCode.OK);
        Assert.Equal(patientId, found.GetProperty("patientId").GetString());
        Assert.Equal("handle.not_available", await physician.RefusedAsync(Redemption, Given(code), HttpStatusCode.NotFound));

        var told = (await patient.GetOkAsync($"patients/{patientId}/notifications")).GetProperty("items").EnumerateArray()
            .Single(notice => notice.GetProperty("kind").GetString() == "handleUsed");
        Assert.Equal(("NorthMSP", "physician"), (told.GetProperty("member").GetString(), told.GetProperty("code").GetString()));
        Assert.DoesNotContain(code, told.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_the_qr_says_is_good_at_every_hospital_and_at_each_once()
    {
        var (patientId, patient, passkey) = await scene.PatientAsync("handle-2");
        var text = TextOf(patientId, passkey);
        var code = await OpenAsync(patient, patientId, text);
        await using var south = await NodeHost.StartOnAsync(scene.Channel, "SouthMSP");
        using (var registrar = south.Client(Role.Registrar))
        {
            while ((await registrar.GetAsync($"{SignInScene.Api}patients/{patientId}")).StatusCode is not HttpStatusCode.OK)
                await Task.Delay(20);
        }
        using var elsewhere = south.Client(Role.Nurse);
        Assert.Equal("handle.not_available", await elsewhere.RefusedAsync(Redemption, Given(code), HttpStatusCode.NotFound)); // only at the patient's own
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            using var answer = await elsewhere.PostAsync(Redemption, new StringContent(Given(text).ToJsonString(), null, "application/json"));
            return answer.StatusCode;
        }));
        Assert.Single(answers, HttpStatusCode.OK);
        Assert.Equal(4, answers.Count(status => status is HttpStatusCode.NotFound));

        // At the own hospital the QR and the short code are one and the same.
        using var physician = scene.Node.Client(Role.Physician);
        await physician.PostAsync(Redemption, Given(text), HttpStatusCode.OK);
        Assert.Equal("handle.not_available", await physician.RefusedAsync(Redemption, Given(code), HttpStatusCode.NotFound));
        Assert.Equal("handle.refused", await patient.RefusedAsync($"patients/{patientId}/handles", new JsonObject { ["handle"] = text }, HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task A_new_code_ends_the_one_before_and_time_ends_both_forms()
    {
        var (patientId, patient, passkey) = await scene.PatientAsync("handle-3");
        var photographed = TextOf(patientId, passkey);
        var first = await OpenAsync(patient, patientId, photographed);
        var text = TextOf(patientId, passkey);
        var second = await OpenAsync(patient, patientId, text);
        using var physician = scene.Node.Client(Role.Physician);
        Assert.Equal("handle.not_available", await physician.RefusedAsync(Redemption, Given(first), HttpStatusCode.NotFound));
        Assert.Equal("handle.not_available", await physician.RefusedAsync(Redemption, Given(photographed), HttpStatusCode.NotFound));
        // Nor does the earlier one come back by being shown again, and it ends nothing.
        Assert.Equal("handle.refused", await patient.RefusedAsync(
            $"patients/{patientId}/handles", new JsonObject { ["handle"] = photographed }, HttpStatusCode.UnprocessableEntity));
        Assert.DoesNotContain((await patient.GetOkAsync($"patients/{patientId}/notifications")).GetProperty("items").EnumerateArray(),
            notice => notice.GetProperty("kind").GetString() == "handleUsed");
        scene.Clock.Forward(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        Assert.Equal("handle.not_available", await physician.RefusedAsync(Redemption, Given(second), HttpStatusCode.NotFound));
        Assert.Equal("handle.not_available", await physician.RefusedAsync(Redemption, Given(text), HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Forged_altered_foreign_and_overlong_codes_are_all_refused_alike()
    {
        var (patientId, patient, passkey) = await scene.PatientAsync("handle-4");
        var (otherId, _, otherPasskey) = await scene.PatientAsync("handle-5");
        var good = HandleOf(patientId);
        var parts = TextOf(patientId, passkey).Split('.');
        var now = LedgerTime.Truncate(scene.Clock.GetUtcNow());
        string[] wrong =
        [
            TextOf(patientId, otherPasskey), // another patient's passkey
            good.ToText(passkey.Sign(good.ToBytes())), // signed as a statement
            good.ToText(passkey.Sign(HandleOf(otherId).ToBytes(), SignedKind.Handle)), // signed for somebody else
            string.Join('.', parts[..^1]), string.Join('.', [.. parts, "AA"]), string.Join('.', [parts[0], parts[1] + "AA", .. parts[2..]]),
            "hs2." + string.Join('.', parts[1..]), "hs1." + new string('A', 3000), "hs1.....",
            Signed(good with { Channel = "other" }), Signed(good with { Nonce = "AA" }), Signed(good with { PatientId = "pt-1" }),
            Signed(good with { Expires = now.AddMinutes(16) }), Signed(good with { Expires = now.AddMinutes(-1) }),
            Signed(good with { Issued = now.AddMinutes(3), Expires = now.AddMinutes(5) }),
        ];
        using var physician = scene.Node.Client(Role.Physician);
        foreach (var text in wrong)
        {
            Assert.Equal("handle.refused", await patient.RefusedAsync($"patients/{patientId}/handles", new JsonObject { ["handle"] = text }, HttpStatusCode.UnprocessableEntity));
            Assert.Equal("handle.not_available", await physician.RefusedAsync(Redemption, Given(text), HttpStatusCode.NotFound));
        }
        // Nobody opens a code for somebody else, nor uses one without treating.
        Assert.Equal("access.not_available", await patient.RefusedAsync(
            $"patients/{otherId}/handles", new JsonObject { ["handle"] = TextOf(otherId, otherPasskey) }, HttpStatusCode.NotFound));
        foreach (var role in (Role[])[Role.Patient, Role.Registrar, Role.Researcher, Role.ItAdministrator])
        {
            using var client = scene.Node.Client(role);
            Assert.Equal("auth.forbidden", await client.RefusedAsync(Redemption, Given(Signed(good)), HttpStatusCode.Forbidden));
        }
        await physician.PostAsync(Redemption, Given(Signed(good)), HttpStatusCode.OK); // what was refused above has used nothing up

        string Signed(SignedHandle handle) => handle.ToText(passkey.Sign(handle.ToBytes(), SignedKind.Handle));
    }

    [Fact]
    public async Task Whoever_guesses_is_slowed_down()
    {
        var (browser, _) = await scene.SignedInAsync("nurse");
        var refused = 0;
        for (var i = 0; i < 61; i++) // more than two minutes let through
        {
            using var answer = await browser.SendAsync(HttpMethod.Post, "patient-handles/redemption", Given(TypedCode.New()));
            refused += answer.StatusCode is HttpStatusCode.TooManyRequests ? 1 : 0;
        }
        Assert.InRange(refused, 1, 61);
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task On_every_database_a_code_is_used_once_by_either_form_and_never_once_a_newer_one_is_open(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var clock = new ManualClock { Now = LedgerTime.Truncate(scene.Clock.GetUtcNow()) };
        var table = new HandleTable(test.Instance, scene.Node.App.Services.GetRequiredService<IntakeKeys>(), clock);
        var handle = HandleOf(LedgerId.New(IdKind.Patient));
        var lost = (await table.OpenAsync(handle, default))!;
        var code = (await table.OpenAsync(handle, default))!; // again: the answer was lost
        Assert.Null(await table.UseAsync(lost, "sf-1", "nurse", default));
        Assert.Equal(handle.PatientId, await table.UseAsync(code, "sf-1", "nurse", default));
        Assert.False(await table.UseAsync(handle, "sf-1", "nurse", default));
        Assert.Null(await table.OpenAsync(handle, default));

        var (earlier, later) = (HandleOf(handle.PatientId), HandleOf(handle.PatientId));
        var (first, second) = (await table.OpenAsync(earlier, default), await table.OpenAsync(later, default));
        Assert.Null(await table.OpenAsync(earlier, default));
        Assert.Equal(0, await table.PruneAsync(default)); // before it expires it must be known
        Assert.Null(await table.UseAsync(first!, "sf-1", "nurse", default));
        Assert.False(await table.UseAsync(earlier, "sf-1", "nurse", default));
        Assert.Equal(handle.PatientId, await table.UseAsync(second!, "sf-1", "nurse", default));
        Assert.Equal(["nurse", "nurse"], (await table.UsedAsync(handle.PatientId, default)).Select(used => used.Role));

        clock.Now += TimeSpan.FromMinutes(6);
        Assert.Equal(1, await table.PruneAsync(default));
        clock.Now += TimeSpan.FromDays(366);
        Assert.Equal((2, 0), (await table.PruneAsync(default), await table.PruneAsync(default))); // who used them
        Assert.Equal(2, (await table.UsedAsync(handle.PatientId, default)).Count);
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Of_codes_that_come_at_once_one_stays_open(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var clock = new ManualClock { Now = LedgerTime.Truncate(scene.Clock.GetUtcNow()) };
        var keys = scene.Node.App.Services.GetRequiredService<IntakeKeys>();
        for (var round = 0; round < 20; round++)
        {
            var patientId = LedgerId.New(IdKind.Patient);
            var codes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
                () => new HandleTable(test.Instance, keys, clock).OpenAsync(HandleOf(patientId), default))));
            var table = new HandleTable(test.Instance, keys, clock);
            var used = new List<string?>();
            foreach (var code in codes)
                used.Add(await table.UseAsync(code!, "sf-1", "nurse", default));
            Assert.Equal([patientId], used.OfType<string>());
        }
    }

    private SignedHandle HandleOf(string patientId)
    {
        var now = LedgerTime.Truncate(scene.Clock.GetUtcNow());
        return new SignedHandle("health", patientId, System.Buffers.Text.Base64Url.EncodeToString(Guid.NewGuid().ToByteArray()), now, now.AddMinutes(5));
    }

    private string TextOf(string patientId, SoftwareAuthenticator passkey)
    {
        var handle = HandleOf(patientId);
        return handle.ToText(passkey.Sign(handle.ToBytes(), SignedKind.Handle));
    }

    private static async Task<string> OpenAsync(TestBrowser patient, string patientId, string text) =>
        (await patient.PostAsync($"patients/{patientId}/handles", new JsonObject { ["handle"] = text }, HttpStatusCode.Created)).GetProperty("code").GetString()!;

    private static JsonObject Given(string handle) => new() { ["handle"] = handle };
}
