using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth.Sessions;

public sealed class SignInTests(SharedSignInScene shared) : IClassFixture<SharedSignInScene>
{
    private readonly SignInScene scene = shared.Scene;

    [Fact]
    public async Task A_passkey_signs_in_and_the_cookie_is_for_this_host_and_its_own_pages_alone()
    {
        var (_, passkey) = await scene.SignedInAsync("physician");
        var browser = scene.Browser();
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
        var session = await browser.SignInAsync(passkey);
        Assert.Equal("physician", session.GetProperty("role").GetString());
        Assert.Equal("Nora Brandt", session.GetProperty("name").GetString());
        Assert.Equal(passkey.CredentialId, session.GetProperty("credentialId").GetString());
        Assert.StartsWith("sf-", session.GetProperty("staffId").GetString(), StringComparison.Ordinal);
        Assert.Equal("NorthMSP", session.GetProperty("organization").GetProperty("mspId").GetString());
        Assert.Equal("hospital", session.GetProperty("organization").GetProperty("kind").GetString());
        Assert.Equal("health", session.GetProperty("channel").GetString());
        Assert.True(session.TryGetProperty("stepUpUntil", out _));
        var cookie = browser.SetCookies.Single(set => set.StartsWith("__Host-healthshare=", StringComparison.Ordinal));
        foreach (var attribute in new[] { "secure", "httponly", "samesite=strict", "path=/" })
            Assert.Contains(attribute, cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(session.ToString(), (await browser.GetOkAsync("session")).ToString());
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_its_cookie_opens_nothing_any_more()
    {
        var (browser, _) = await scene.SignedInAsync("nurse");
        var kept = new Dictionary<string, string>(browser.Cookies);
        Assert.Equal(HttpStatusCode.NoContent, await browser.DeleteAsync("session"));
        Assert.DoesNotContain("__Host-healthshare", browser.Cookies.Keys);
        foreach (var (name, value) in kept)
            browser.Cookies[name] = value;
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
    }

    [Fact]
    public async Task A_session_ends_after_idle_time_and_at_its_end_whatever_happens()
    {
        var (browser, passkey) = await scene.SignedInAsync("registrar");
        scene.Clock.Forward(TimeSpan.FromMinutes(31));
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
        await browser.SignInAsync(passkey);
        for (var i = 0; i < 35; i++)
        {
            scene.Clock.Forward(TimeSpan.FromMinutes(20));
            Assert.Equal(HttpStatusCode.OK, await browser.GetStatusAsync("session"));
        }
        scene.Clock.Forward(TimeSpan.FromMinutes(20));
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
    }

    [Fact]
    public async Task A_sign_in_takes_a_new_token_and_ends_what_the_browser_had()
    {
        var (browser, passkey) = await scene.SignedInAsync("nurse");
        var planted = browser.Cookies["__Host-healthshare"];
        await browser.SignInAsync(passkey);
        Assert.NotEqual(planted, browser.Cookies["__Host-healthshare"]);
        browser.Cookies["__Host-healthshare"] = planted;
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
        browser.Cookies["__Host-healthshare"] = Base64Url.EncodeToString(new byte[32]);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
    }

    [Fact]
    public async Task The_database_holds_no_token_and_no_name()
    {
        var (browser, _) = await scene.SignedInAsync("nurse");
        await using var connection = await scene.Node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        var hashes = (await connection.QueryAsync<byte[]>("SELECT token_hash FROM session")).Select(Convert.ToHexString);
        Assert.Contains(Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(browser.Cookies["__Host-healthshare"]))), hashes);
        Assert.All(await connection.QueryAsync<byte[]>("SELECT name FROM person UNION ALL SELECT name FROM invitation"),
            name => Assert.DoesNotContain("Nora", Encoding.Latin1.GetString(name), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_assertion_counts_once()
    {
        var (_, passkey) = await scene.SignedInAsync("nurse");
        var browser = scene.Browser();
        var options = await browser.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
        var answer = new JsonObject { ["credential"] = passkey.SignIn(options) };
        await browser.PostAsync("session", answer, HttpStatusCode.OK);
        Assert.Equal("session.refused", await browser.RefusedAsync("session", answer, HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task A_challenge_is_answered_only_by_the_browser_that_asked_for_it()
    {
        var (_, passkey) = await scene.SignedInAsync("nurse");
        var (asked, other) = (scene.Browser(), scene.Browser());
        var options = await asked.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
        await other.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
        var answer = new JsonObject { ["credential"] = passkey.SignIn(options) };
        Assert.Equal("session.refused", await other.RefusedAsync("session", answer, HttpStatusCode.Unauthorized));
        Assert.Equal("session.refused", await scene.Browser().RefusedAsync("session", answer.DeepClone(), HttpStatusCode.Unauthorized));
        await asked.PostAsync("session", answer.DeepClone(), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_challenge_is_over_after_five_minutes()
    {
        var (_, passkey) = await scene.SignedInAsync("nurse");
        var browser = scene.Browser();
        var options = await browser.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
        scene.Clock.Forward(TimeSpan.FromMinutes(6));
        Assert.Equal("session.refused", await browser.RefusedAsync("session", new JsonObject { ["credential"] = passkey.SignIn(options) }, HttpStatusCode.Unauthorized));
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("crossOrigin")]
    [InlineData("type")]
    [InlineData("rpId")]
    [InlineData("notPresent")]
    [InlineData("notVerified")]
    [InlineData("backedUpButNotEligible")]
    [InlineData("becameEligible")]
    [InlineData("key")]
    [InlineData("userHandle")]
    [InlineData("unknown")]
    [InlineData("garbage")]
    public async Task Whatever_is_wrong_with_an_assertion_the_answer_is_the_same(string what)
    {
        var (_, passkey) = await scene.SignedInAsync("nurse");
        var browser = scene.Browser();
        var options = await browser.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
        var challenge = Base64Url.DecodeFromChars(options.GetProperty("challenge").GetString());
        var client = Encoding.UTF8.GetString(passkey.ClientData(challenge));
        var data = passkey.AuthenticatorData();
        switch (what)
        {
            case "origin": client = client.Replace("https://north.example", "https://evil.example", StringComparison.Ordinal); break;
            case "crossOrigin": client = client.Replace("\"crossOrigin\":false", "\"crossOrigin\":true", StringComparison.Ordinal); break;
            case "type": client = client.Replace("webauthn.get", "webauthn.create", StringComparison.Ordinal); break;
            case "rpId": data[0] ^= 1; break;
            case "notPresent": data[32] = 0b0000_0100; break;
            case "notVerified": data[32] = 0b0000_0001; break;
            case "backedUpButNotEligible": data[32] |= 0b0001_0000; break;
            case "becameEligible": data[32] |= 0b0000_1000; break;
        }
        var answer = passkey.SignIn(data, Encoding.UTF8.GetBytes(client));
        using var stranger = HealthShare.Sandbox.Authenticator.SoftwareAuthenticator.Create(SignInScene.RpId, SignInScene.Origin);
        switch (what)
        {
            case "key": answer["response"]!["signature"] = stranger.SignIn(data, Encoding.UTF8.GetBytes(client))["response"]!["signature"]!.DeepClone(); break;
            case "userHandle": answer["response"]!["userHandle"] = Base64Url.EncodeToString("us-somebody"u8); break;
            case "unknown": (answer["id"], answer["rawId"]) = (stranger.CredentialId, stranger.CredentialId); break;
            case "garbage": answer["response"] = 7; break;
        }
        var problem = await browser.PostAsync("session", new JsonObject { ["credential"] = answer }, HttpStatusCode.Unauthorized);
        Assert.Equal("session.refused", problem.GetProperty("code").GetString());
        Assert.False(problem.TryGetProperty("detail", out _));
        Assert.DoesNotContain("__Host-healthshare", browser.Cookies.Keys);
    }

    [Fact]
    public async Task A_signature_counter_that_goes_back_is_a_copied_key()
    {
        var (browser, passkey) = await scene.SignedInAsync("nurse");
        foreach (var (count, expected) in new[] { ((byte)7, HttpStatusCode.OK), ((byte)7, HttpStatusCode.Unauthorized), ((byte)3, HttpStatusCode.Unauthorized), ((byte)8, HttpStatusCode.OK) })
        {
            var options = await browser.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK);
            var data = passkey.AuthenticatorData();
            data[^1] = count;
            var client = passkey.ClientData(Base64Url.DecodeFromChars(options.GetProperty("challenge").GetString()));
            await browser.PostAsync("session", new JsonObject { ["credential"] = passkey.SignIn(data, client) }, expected);
        }
    }

    [Theory]
    [InlineData(null, null, "The header Origin is missing: browsers send it by themselves, a program sends https://north.example.")]
    [InlineData(null, "same-site", "The header Origin is missing, and Sec-Fetch-Site names another site: browsers send it by themselves, a program sends https://north.example.")]
    [InlineData("https://evil.example", null, "The header Origin names another site.")]
    public async Task Who_does_not_say_whose_page_asks_hears_what_is_missing(string? origin, string? site, string detail)
    {
        var browser = scene.Browser();
        (browser.Origin, browser.SecFetchSite) = (origin, site);
        foreach (var path in new[] { "session/options", "enrolments/options" })
        {
            using var answer = await browser.SendAsync(HttpMethod.Post, path, new JsonObject { ["token"] = "x" });
            var problem = await answer.JsonAsync();
            Assert.Equal((HttpStatusCode.Forbidden, "csrf.refused", detail),
                (answer.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("detail").GetString()));
        }
    }

    [Fact]
    public async Task Other_sites_pages_cannot_act_with_the_cookie_nor_sign_anybody_in()
    {
        var (browser, passkey) = await scene.SignedInAsync("itAdministrator");
        var invitation = new JsonObject { ["role"] = "nurse", ["displayName"] = "X" };
        foreach (var (origin, site) in new[] { ("https://evil.example", (string?)null), ("null", null), (null, "cross-site"), (null, "same-site"), (null, null), ("https://north.example.evil", "same-origin"), ("http://north.example", null) })
        {
            (browser.Origin, browser.SecFetchSite) = (origin, site);
            Assert.Equal("csrf.refused", await browser.RefusedAsync("invitations", invitation.DeepClone(), HttpStatusCode.Forbidden));
            Assert.Equal("csrf.refused", await browser.RefusedAsync("session/options", new JsonObject(), HttpStatusCode.Forbidden));
            Assert.Equal(HttpStatusCode.Forbidden, await browser.DeleteAsync("session"));
        }
        (browser.Origin, browser.SecFetchSite) = (null, "same-origin");
        await browser.PostAsync("invitations", invitation, HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.OK, await browser.GetStatusAsync("session"));
        Assert.NotNull(passkey.UserHandle);
    }

    [Fact]
    public async Task A_token_that_comes_along_is_judged_alone_and_never_helped_by_the_cookie()
    {
        var (browser, _) = await scene.SignedInAsync("physician");
        using var client = scene.Node.Client(Role.Nurse);
        client.DefaultRequestHeaders.Add("Cookie", $"__Host-healthshare={browser.Cookies["__Host-healthshare"]}");
        using var answer = await client.GetAsync("/api/v1/session");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "guess");
        using var refused = await client.GetAsync("/api/v1/organizations");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Own_sessions_are_listed_and_ended_from_afar_and_nobody_elses()
    {
        var (browser, passkey) = await scene.SignedInAsync("nurse");
        var phone = scene.Browser();
        await phone.SignInAsync(passkey);
        var (other, _) = await scene.SignedInAsync("physician");
        var items = (await browser.GetOkAsync("sessions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, items.Count);
        var foreign = (await other.GetOkAsync("sessions")).GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NotFound, await browser.DeleteAsync($"sessions/{foreign}"));
        var away = items.Single(item => !item.GetProperty("current").GetBoolean()).GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, await browser.DeleteAsync($"sessions/{away}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await phone.GetStatusAsync("session"));
        Assert.Equal(HttpStatusCode.OK, await browser.GetStatusAsync("session"));
        Assert.Equal(HttpStatusCode.OK, await other.GetStatusAsync("session"));
    }

    [Fact]
    public async Task What_one_would_not_want_done_in_an_unwatched_browser_asks_for_the_passkey_again()
    {
        var (browser, passkey) = await scene.SignedInAsync("itAdministrator");
        var invitation = new JsonObject { ["role"] = "nurse", ["displayName"] = "X" };
        scene.Clock.Forward(TimeSpan.FromMinutes(6));
        Assert.False((await browser.GetOkAsync("session")).TryGetProperty("stepUpUntil", out _));
        Assert.Equal("session.step_up_required", await browser.RefusedAsync("invitations", invitation, HttpStatusCode.Forbidden));
        var options = await browser.PostAsync("session/step-up/options", new JsonObject(), HttpStatusCode.OK);
        var (_, stranger) = await scene.SignedInAsync("nurse");
        Assert.Equal("session.refused", await browser.RefusedAsync("session/step-up", new JsonObject { ["credential"] = stranger.SignIn(options) }, HttpStatusCode.Unauthorized));
        options = await browser.PostAsync("session/step-up/options", new JsonObject(), HttpStatusCode.OK);
        var session = await browser.PostAsync("session/step-up", new JsonObject { ["credential"] = passkey.SignIn(options) }, HttpStatusCode.OK);
        Assert.True(session.TryGetProperty("stepUpUntil", out _));
        await browser.PostAsync("invitations", invitation.DeepClone(), HttpStatusCode.Created);
    }

    [Fact]
    public async Task Repeated_refusals_of_one_passkey_are_slowed_down_whether_or_not_it_exists()
    {
        var (_, passkey) = await scene.SignedInAsync("nurse");
        using var unknown = HealthShare.Sandbox.Authenticator.SoftwareAuthenticator.Create(SignInScene.RpId, SignInScene.Origin);
        foreach (var tried in new[] { passkey, unknown })
        {
            var browser = scene.Browser();
            for (var i = 0; i < 5; i++)
            {
                var bad = tried.SignIn(await browser.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK));
                bad["response"]!["signature"] = "AAAA";
                Assert.Equal("session.refused", await browser.RefusedAsync("session", new JsonObject { ["credential"] = bad }, HttpStatusCode.Unauthorized));
            }
            var next = tried.SignIn(await browser.PostAsync("session/options", new JsonObject(), HttpStatusCode.OK));
            using var slowed = await browser.SendAsync(HttpMethod.Post, "session", new JsonObject { ["credential"] = next });
            Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
            Assert.Equal("request.too_many", (await slowed.JsonAsync()).GetProperty("code").GetString());
            Assert.InRange(slowed.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        }
        scene.Clock.Forward(TimeSpan.FromMinutes(2));
        await scene.Browser().SignInAsync(passkey);
    }

    [Fact]
    public async Task A_passkey_that_the_channel_revokes_signs_nobody_in_and_its_sessions_are_over()
    {
        var (patientId, browser, passkey) = await scene.PatientAsync("4711");
        await browser.GetOkAsync($"patients/{patientId}");
        using var second = HealthShare.Sandbox.Authenticator.SoftwareAuthenticator.Create("phone.example", "https://phone.example");
        var added = passkey.Statement(patientId, new AddCredentialBody(
            second.CredentialId, Base64Url.EncodeToString(second.CoseKey.Span), second.RpId, [second.Origin]));
        await browser.PostAsync($"patients/{patientId}/credentials", passkey.Signed(added), HttpStatusCode.Created);
        var revoked = second.Signed(second.Statement(patientId, new RevokeCredentialBody(passkey.CredentialId)));
        using (var relayed = await browser.SendAsync(HttpMethod.Post, $"patients/{patientId}/credentials/{passkey.CredentialId}/revocation", revoked))
            Assert.True(relayed.IsSuccessStatusCode, await relayed.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.GetStatusAsync("session"));
        Assert.Equal("session.refused", (await browser.SignInAsync(passkey, HttpStatusCode.Unauthorized)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_patient_sees_no_other_patient()
    {
        var (mine, browser, _) = await scene.PatientAsync("4713");
        var other = await scene.RegisterAsync("4712");
        foreach (var path in new[] { "", "/records", "/consents", "/credentials", "/notifications" })
        {
            Assert.Equal(HttpStatusCode.OK, await browser.GetStatusAsync($"patients/{mine}{path}"));
            Assert.Equal(HttpStatusCode.NotFound, await browser.GetStatusAsync($"patients/{other}{path}"));
        }
        Assert.Equal("auth.forbidden", await browser.RefusedAsync("patients", new JsonObject { ["number"] = "1" }, HttpStatusCode.Forbidden));
    }
}
