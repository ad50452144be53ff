using Dapper;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Incidents;
using HealthShare.Node.Patients;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>Who looks patients up by their numbers is known, and who walks through the numbers is found.</summary>
public sealed class LookUpTests
{
    private static readonly Caller Nurse = new("us-1", Role.Nurse, "sf-1", null), Other = new("us-2", Role.Nurse, "sf-2", null);

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Many_numbers_of_nobody_make_one_incident_of_the_person_and_few_make_none(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var (clock, incidents) = (new ManualClock(), new IncidentLog(test.Instance, NullLogger<IncidentLog>.Instance));
        var lookUps = new LookUps(test.Instance, incidents, clock);
        for (var i = 0; i < LookUps.MostMisses - 1; i++)
            await lookUps.NoteAsync(Nurse, null, default);
        await lookUps.NoteAsync(Other, null, default); // somebody else
        await lookUps.NoteAsync(Nurse, NodeHost.PatientId, default); // one that was found
        Assert.Empty((await incidents.ListAsync(null, null, 10, default)).Incidents);
        clock.Now += TimeSpan.FromMinutes(61);
        await lookUps.NoteAsync(Nurse, null, default); // the others are long ago
        Assert.Empty((await incidents.ListAsync(null, null, 10, default)).Incidents);

        for (var i = 0; i < LookUps.MostMisses + 3; i++)
            await lookUps.NoteAsync(Nurse with { Name = "client ehr" }, null, default); // by whatever program
        var incident = Assert.Single((await incidents.ListAsync(null, null, 10, default)).Incidents);
        Assert.Equal(("patient.numbers_tried", "staff sf-1 2026-03-01T09"), (incident.Code, incident.Subject));
        Assert.Null(incident.PatientId);
    }

    [Fact]
    public async Task Many_patients_who_are_found_make_one_too_and_what_is_noted_goes_after_a_year()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (clock, incidents) = (new ManualClock(), new IncidentLog(test.Instance, NullLogger<IncidentLog>.Instance));
        var lookUps = new LookUps(test.Instance, incidents, clock);
        for (var i = 0; i < LookUps.Most; i++)
            await lookUps.NoteAsync(Nurse, NodeHost.PatientId, default);
        Assert.Single((await incidents.ListAsync(null, null, 10, default)).Incidents);
        Assert.Equal(0, await lookUps.PruneAsync(default));
        clock.Now += TimeSpan.FromDays(366);
        Assert.Equal(LookUps.Most, await lookUps.PruneAsync(default));
    }

    [Fact]
    public async Task A_look_up_is_slowed_down_like_a_code_and_noted_with_who_asked_whether_or_not_there_is_somebody()
    {
        await using var node = await NodeHost.StartAsync();
        var endpoint = node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Single(endpoint => endpoint.RoutePattern.RawText == "/api/v1/patients/look-up");
        Assert.Equal(RateLimits.Handles, endpoint.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName);
        using var nurse = node.Client(Role.Nurse);
        await nurse.RefusedAsync("/api/v1/patients/look-up", new System.Text.Json.Nodes.JsonObject { ["number"] = "4711" }, System.Net.HttpStatusCode.NotFound);
        await using var connection = await node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        var noted = await connection.QuerySingleAsync<(string Person, string? PatientId)>("SELECT person, patient_id FROM patient_look_up");
        Assert.Equal(($"staff staff-{(int)Role.Nurse}", null), noted);
    }
}
