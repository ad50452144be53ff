using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Hosting;

public sealed class OpenApiTests
{
    [Fact]
    public async Task Every_operation_is_described_by_a_summary()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client();
        var document = await client.GetOkAsync("/openapi/v1.json");
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => ($"{operation.Name} {path.Name}", operation.Value))).ToList();
        Assert.Contains(operations, operation => operation.Item1 == "post /api/v1/patients/{patientId}/consents");
        Assert.All(operations, operation => Assert.True(operation.Value.TryGetProperty("summary", out _), $"{operation.Item1} has no summary."));
    }

    [Fact]
    public async Task Every_operation_says_by_what_a_caller_is_known_there()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client();
        var document = await client.GetOkAsync("/openapi/v1.json");
        var schemes = document.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal(["bearer http", "certificate mutualTLS", "session apiKey"], schemes.EnumerateObject()
            .Select(scheme => $"{scheme.Name} {scheme.Value.GetProperty("type").GetString()}").Order(StringComparer.Ordinal));
        Assert.Equal(["session"], SchemesOf("/api/v1/session", "get"));
        Assert.Equal(["bearer", "certificate", "session"], SchemesOf("/api/v1/patients/{patientId}/records", "get"));
        Assert.Empty(SchemesOf("/api/v1/session", "post"));

        string[] SchemesOf(string path, string method) =>
            document.GetProperty("paths").GetProperty(path).GetProperty(method).TryGetProperty("security", out var security)
                ? [.. security.EnumerateArray().Select(one => Assert.Single(one.EnumerateObject()).Name).Order(StringComparer.Ordinal)]
                : [];
    }

    [Fact]
    public async Task A_regulators_node_enrols_nobody()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Node:Kind"] = "Regulator" });
        using var client = node.Client();
        var paths = (await client.GetOkAsync("/openapi/v1.json")).GetProperty("paths");
        Assert.False(paths.TryGetProperty("/api/v1/patients", out _));
        Assert.True(paths.TryGetProperty("/api/v1/patients/{patientId}", out _));
    }
}
