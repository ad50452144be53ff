using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Auth;

public sealed class SecondKeyTests
{
    [Fact]
    public async Task A_regulators_page_makes_a_passkey_at_its_own_origin_and_keeps_nothing_of_it()
    {
        await using var scene = await SignInScene.StartAsync(
            ("HealthShare:Node:Kind", "Regulator"), ("HealthShare:SecondKeys:Origins:0", "https://north.example:8443"));
        var (browser, passkey) = (scene.Browser(), scene.Passkey());
        Assert.Equal("https://north.example:8443", (await browser.GetOkAsync("second-keys/origins")).GetProperty("items")[0].GetString());
        var options = await browser.PostAsync("second-keys/options", new JsonObject(), HttpStatusCode.OK);
        var answer = new JsonObject { ["credential"] = passkey.Register(options) };
        var key = await browser.PostAsync("second-keys", answer, HttpStatusCode.OK);
        Assert.Equal(passkey.Credential().ToJsonString(), JsonNode.Parse(key.GetRawText())!.ToJsonString());
        Assert.Equal("enrolment.refused", await browser.RefusedAsync("second-keys", answer.DeepClone(), HttpStatusCode.Unauthorized));
        await using var connection = await scene.Node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM passkey)"));
    }

    [Fact]
    public async Task A_hospital_makes_no_second_keys()
    {
        await using var scene = await SignInScene.StartAsync(("HealthShare:SecondKeys:Pages:0", "https://regulator.example"));
        Assert.Equal(HttpStatusCode.Unauthorized, await scene.Browser().GetStatusAsync("second-keys/origins"));
        Assert.Equal(HttpStatusCode.Unauthorized, await scene.Browser().GetStatusAsync("second-keys/pages"));
        var (_, patient, _) = await scene.PatientAsync();
        Assert.Equal("https://regulator.example", (await patient.GetOkAsync("second-keys/pages")).GetProperty("items")[0].GetString());
    }

    [Theory]
    [InlineData("HealthShare:SecondKeys:Origins:0", "http://north.example")]
    [InlineData("HealthShare:SecondKeys:Pages:0", "https://regulator.example/second-key")]
    [InlineData("HealthShare:SignIn:Origin", "https://10.0.0.1")]
    [InlineData("HealthShare:SignIn:Origin", "http://north.example")]
    [InlineData("HealthShare:SignIn:Origin", "https://north.example/portal")]
    [InlineData("HealthShare:SignIn:IdleTimeout", "13:00:00")]
    [InlineData("HealthShare:Tokens:Issuer", "http://login.north.example")]
    [InlineData("HealthShare:Tokens:Issuer", "https://login.north.example")]
    [InlineData("HealthShare:Auth:Callers:0:CertificateSubject", "CN=x")]
    [InlineData("HealthShare:Auth:Callers:0:TokenSha256", null)]
    public async Task A_setting_that_cannot_be_stops_the_start_and_is_named(string setting, string? value)
    {
        var refusal = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => NodeHost.StartAsync(new Dictionary<string, string?> { [setting] = value }));
        Assert.Contains(refusal.Failures, failure => failure.Contains(string.Join(':', setting.Split(':').Take(2)), StringComparison.Ordinal));
    }
}
