using System.Net;
using System.Text;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>A request that is refused is told what was wrong and what is accepted, without a word of what it said.</summary>
public sealed class RefusalWordsTests : IAsyncLifetime
{
    private AccessScene scene = null!;

    [Fact]
    public async Task A_body_is_refused_with_its_member_and_what_is_accepted_there()
    {
        var patient = $"/api/v1/patients/{scene.PatientId}";
        foreach (var (role, path, body, expected) in new[]
        {
            (Role.Registrar, "/api/v1/patients", "{}", "expected is an object with number (required), authority, patientId, type"),
            (Role.Registrar, "/api/v1/patients", """{"number":{"family":"Meier"}}""", "at number"),
            (Role.Registrar, "/api/v1/patients", """{"number":"1","Meier":"x"}""", "expected is an object with number (required)"),
            (Role.Registrar, "/api/v1/patients", """{"number":"1","Meier":""", "line 1, byte"),
            (Role.Registrar, $"{patient}/consents", """{"statement":"x"}""", "statement (required), assertion (required)"),
            (Role.Registrar, $"{patient}/consents", """{"statement":"x","assertion":{"credential":"Meier"}}""", "at assertion"),
            (Role.Registrar, $"{patient}/consents/attestations", """{"form":"Meier","body":{}}""", "expected is one of paper, word"),
            (Role.PrivacyOfficer, $"/api/v1/emergency-access/{LedgerId.New(IdKind.Emergency)}/review", """{"outcome":"Meier"}""",
                "expected is one of justified, notJustified, needsInquiry"),
            (Role.Physician, AccessScene.Requests, """{"patientId":"x","purpose":"TREAT","recordIds":["a",{"Meier":1}]}""", "at recordIds[1]"),
        })
        {
            using var client = scene.Client(AccessScene.North, role);
            using var answer = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
            var problem = await answer.JsonAsync();
            Assert.Equal((HttpStatusCode.BadRequest, "request.invalid"), (answer.StatusCode, problem.GetProperty("code").GetString()));
            Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Meier", problem.GetRawText(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task A_body_that_is_not_there_is_called_missing(string body)
    {
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        using var answer = await physician.PostAsync(AccessScene.Requests, new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = await answer.JsonAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "The body is missing."), (answer.StatusCode, problem.GetProperty("detail").GetString()));
    }

    [Theory]
    [InlineData("consents?limit=Meier", "limit is not a whole number from 1 to 500.")]
    [InlineData("consents/explain?org=SouthMSP&role=physician", "record is missing.")]
    public async Task A_parameter_is_refused_by_its_name(string path, string expected)
    {
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        using var answer = await officer.GetAsync($"/api/v1/patients/{scene.PatientId}/{path}");
        var problem = await answer.JsonAsync();
        Assert.Equal((HttpStatusCode.BadRequest, expected), (answer.StatusCode, problem.GetProperty("detail").GetString()));
    }

    [Theory]
    [InlineData("from=Meier", "from is not a time, such as 2026-03-01T08:00:00Z.")]
    [InlineData("reused=Meier", "reused is not true or false.")]
    [InlineData("limit=2&limit=3", "limit is not a whole number from 1 to 500.")]
    [InlineData("limit=99999999999", "limit is not a whole number from 1 to 500.")]
    public async Task A_parameter_that_may_be_left_out_is_refused_by_its_name(string query, string expected)
    {
        using var administrator = scene.Client(AccessScene.North, Role.ItAdministrator);
        using var answer = await administrator.GetAsync("/api/v1/messages?" + query);
        var problem = await answer.JsonAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "request.invalid"), (answer.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal(expected, problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("/api/v1/messages", Role.System, Role.Physician, "application/hl7-v2, text/plain")]
    [InlineData("/api/v1/messages/batch", Role.System, Role.Nurse, "application/hl7-v2, text/plain")]
    [InlineData("/api/v1/patients", Role.Registrar, Role.Physician, "application/json")]
    public async Task Another_type_of_body_is_told_what_is_taken_and_only_to_whom_may_send_one(string path, Role sender, Role other, string taken)
    {
        using var allowed = scene.Client(AccessScene.North, sender);
        var (status, problem) = await PostAsync(allowed);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "request.unsupported_media_type"), (status, problem.GetProperty("code").GetString()));
        Assert.Equal($"It takes {taken}.", problem.GetProperty("detail").GetString());
        using var refused = scene.Client(AccessScene.North, other);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(refused)).Status);
        using var stranger = scene.Node(AccessScene.North).Client();
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(stranger)).Status);

        async Task<(HttpStatusCode Status, JsonElement Problem)> PostAsync(HttpClient client)
        {
            using var answer = await client.PostAsync(path, new StringContent("<xml/>", Encoding.UTF8, "text/xml"));
            return (answer.StatusCode, await answer.JsonAsync());
        }
    }

    [Fact]
    public async Task Members_that_are_not_there_are_named_and_an_erasure_that_is_none_says_so()
    {
        using var administrator = scene.Client(AccessScene.North, Role.ItAdministrator);
        Assert.Equal("organization.not_found", await administrator.RefusedAsync("/api/v1/organizations/proposals",
            System.Text.Json.Nodes.JsonNode.Parse("""{"suspend":"NopeMSP"}""")!, HttpStatusCode.UnprocessableEntity));
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        Assert.Contains("patient.not_erased", await AccessScene.ProblemAsync(officer, $"/api/v1/patients/{scene.PatientId}/erasure"), StringComparison.Ordinal);
        using var stranger = scene.Client(AccessScene.South, Role.Patient);
        Assert.Contains("access.not_available", await AccessScene.ProblemAsync(
            stranger, $"/api/v1/patients/{LedgerId.New(IdKind.Patient)}/erasure"), StringComparison.Ordinal);
    }

    public async Task InitializeAsync() => scene = await AccessScene.StartAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();
}
