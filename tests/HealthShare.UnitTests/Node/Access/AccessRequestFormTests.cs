using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>Requests that are refused for their form or their caller; they leave nothing, so one scene serves all.</summary>
public sealed class AccessRequestFormTests(SharedAccessScene shared) : IClassFixture<SharedAccessScene>
{
    private AccessScene Scene => shared.Scene;

    [Theory]
    [InlineData("""{"purpose":"TREAT","recordIds":["RECORD"]}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"TREAT"}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"TREAT","recordIds":["RECORD"],"categories":["laboratory"]}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"ETREAT"}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"TREAT","recordIds":[]}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"TREAT","recordIds":["rc-1"]}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"TREAT","recordIds":[null]}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"TREAT","categories":[""]}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"treat it","categories":["laboratory"]}""")]
    [InlineData("""{"patientId":"4711","purpose":"TREAT","categories":["laboratory"]}""")]
    [InlineData("""{"patientId":"PATIENT","purpose":"TREAT","categories":["laboratory"],"staff":"s-1"}""")]
    public async Task A_request_that_is_not_as_it_should_be_is_refused_and_leaves_nothing(string body)
    {
        using var physician = Scene.Client(AccessScene.South, Role.Physician);
        var json = JsonNode.Parse(body.Replace("PATIENT", Scene.PatientId, StringComparison.Ordinal).Replace("RECORD", Scene.Glucose, StringComparison.Ordinal))!;
        Assert.Equal("request.invalid", await physician.RefusedAsync(AccessScene.Requests, json, HttpStatusCode.BadRequest));
        Assert.Equal(0, await Scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM access_request"));
    }

    [Theory]
    [InlineData(Role.Patient)]
    [InlineData(Role.Registrar)]
    [InlineData(Role.PrivacyOfficer)]
    [InlineData(Role.ItAdministrator)]
    public async Task Only_clinicians_ask(Role role)
    {
        using var client = Scene.Client(AccessScene.South, role);
        Assert.Equal("auth.forbidden", await client.RefusedAsync(AccessScene.Requests, Scene.Records(Scene.Glucose), HttpStatusCode.Forbidden));
    }
}

/// <summary>A scene for tests that change nothing.</summary>
public sealed class SharedAccessScene : IAsyncLifetime
{
    internal AccessScene Scene { get; private set; } = null!;

    public async Task InitializeAsync() => Scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await Scene.DisposeAsync();
}
