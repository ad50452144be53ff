using System.Net;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

public sealed class OwnRequestTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_clinician_lists_what_was_asked_for_and_read_and_nothing_of_anybody_else(DatabaseProvider database)
    {
        await using var scene = await AccessScene.StartAsync(database);
        var (refused, none) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"));
        Assert.Empty(none);
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory", "imaging"));
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose);
        await scene.ReadAsync(AccessScene.South, id, scene.Glucose); // the same record again is the same record

        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var first = await physician.GetOkAsync($"{AccessScene.Requests}?limit=1");
        var newest = Assert.Single(first.GetProperty("items").EnumerateArray());
        Assert.Equal((id, scene.PatientId, "TREAT", 1), (newest.GetProperty("id").GetString(), newest.GetProperty("patientId").GetString(),
            newest.GetProperty("purpose").GetString(), newest.GetProperty("read").GetInt32()));
        var second = await physician.GetOkAsync($"{AccessScene.Requests}?limit=1&cursor={first.GetProperty("next").GetString()}");
        var oldest = Assert.Single(second.GetProperty("items").EnumerateArray());
        Assert.Equal((refused, 0), (oldest.GetProperty("id").GetString(), oldest.GetProperty("read").GetInt32()));
        // How many records a refusal was about nobody learns.
        Assert.DoesNotContain(scene.Hiv, first.GetRawText() + second.GetRawText(), StringComparison.Ordinal);

        using var nurse = scene.Client(AccessScene.South, Role.Nurse);
        Assert.Empty((await nurse.GetOkAsync(AccessScene.Requests)).GetProperty("items").EnumerateArray());
        using var registrar = scene.Client(AccessScene.South, Role.Registrar);
        Assert.Equal(HttpStatusCode.Forbidden, (await registrar.GetAsync(AccessScene.Requests)).StatusCode);
        foreach (var query in (string[])["?limit=0", "?limit=101", "?cursor=%3D", "?cursor=AAAA"])
            Assert.Equal(HttpStatusCode.BadRequest, (await physician.GetAsync(AccessScene.Requests + query)).StatusCode);
    }
}
