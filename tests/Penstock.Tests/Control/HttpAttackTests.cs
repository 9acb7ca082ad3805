using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Penstock.Control.Api;
using Penstock.Control.Security;

namespace Penstock.Tests.Control;

/// <summary>
/// Misuse of the HTTP side, each case with the id it has in docs/threat-model.md. None may succeed, none may reach the node, and after each an
/// honest client is served as before.
/// </summary>
public sealed class HttpAttackTests
{
    /// <summary>Id, method, path, headers, and the only statuses that are right.</summary>
    public static TheoryData<string, string, string, string, int> Requests => new()
    {
        { "H01 no token", "GET", "/api/v1/status", "", 401 },
        { "H02 empty token", "GET", "/api/v1/status", "Authorization: Bearer ", 401 },
        { "H03 basic scheme", "GET", "/api/v1/status", "Authorization: Basic YWRtaW46YWRtaW4=", 401 },
        { "H04 token without scheme", "GET", "/api/v1/status", "Authorization: {viewer}", 401 },
        { "H05 two tokens", "GET", "/api/v1/status", "Authorization: Bearer {viewer}|Authorization: Bearer {viewer}", 401 },
        { "H06 token with a tail", "GET", "/api/v1/status", "Authorization: Bearer {viewer}x", 401 },
        { "H07 token in another case", "GET", "/api/v1/status", "Authorization: Bearer {VIEWER}", 401 },
        { "H08 token in the URL", "GET", "/api/v1/status?token={viewer}", "Authorization: Bearer {viewer}", 400 },
        { "H09 access_token in the URL", "GET", "/api/v1/status?access_token={viewer}", "", 400 },
        { "H10 token as a cookie", "GET", "/api/v1/status", "Cookie: token={viewer}", 401 },
        { "H11 token in X-Forwarded-User", "GET", "/api/v1/status", "X-Forwarded-User: admin", 401 },
        { "H12 token of a long length", "GET", "/api/v1/status", "Authorization: Bearer {long}", 401 },
        { "H13 viewer kills", "POST", "/api/v1/commands/kill", "Authorization: Bearer {viewer}", 403 },
        { "H14 viewer places an order", "POST", "/api/v1/commands/order", "Authorization: Bearer {viewer}", 403 },
        { "H15 trader drains", "POST", "/api/v1/commands/state", "Authorization: Bearer {trader}", 403 },
        { "H16 trader injects faults", "POST", "/api/v1/commands/fault", "Authorization: Bearer {trader}", 403 },
        { "H17 trader approves", "POST", "/api/v1/approvals/a1/approve", "Authorization: Bearer {trader}", 403 },
        { "H18 method override", "POST", "/api/v1/status", "Authorization: Bearer {viewer}|X-HTTP-Method-Override: GET", 405 },
        { "H19 command by GET", "GET", "/api/v1/commands/kill?why=x", "Authorization: Bearer {trader}", 404 },
        { "H20 DELETE", "DELETE", "/api/v1/orders", "Authorization: Bearer {admin}", 405 },
        { "H21 TRACE", "TRACE", "/api/v1/me", "Authorization: Bearer {viewer}", 405 },
        { "H22 unknown path without token", "GET", "/admin/secret.php", "", 404 },
        { "H23 unknown API without token", "POST", "/api/v1/commands/everything", "", 401 },
        { "H24 foreign origin", "POST", "/api/v1/commands/kill", "Authorization: Bearer {trader}|Origin: http://evil.example", 403 },
        { "H25 origin null", "POST", "/api/v1/commands/kill", "Authorization: Bearer {trader}|Origin: null", 403 },
        { "H26 origin of another port", "GET", "/api/v1/me", "Authorization: Bearer {viewer}|Origin: http://127.0.0.1:1", 403 },
        { "H27 rebound host", "GET", "/api/v1/me", "Authorization: Bearer {viewer}|Host: evil.example", 421 },
        { "H28 rebound host at the console", "GET", "/", "Host: evil.example:7070", 421 },
        { "H29 path traversal", "GET", "/..%2f..%2ftokens.json", "", 404 },
        { "H30 path traversal doubly encoded", "GET", "/%252e%252e/%252e%252e/tokens.json", "", 404 },
        { "H31 traversal in a runbook name", "GET", "/api/v1/runbooks/..%2f..%2ftokens", "Authorization: Bearer {viewer}", 404 },
        { "H32 backslashes", "GET", "/..\\..\\tokens.json", "", 404 },
        { "H33 absolute file", "GET", "//etc/passwd", "", 404 },
        { "H34 zero byte in a path", "GET", "/index.html%00.js", "", 400 },
        { "H35 order id as SQL", "GET", "/api/v1/orders/'%20or%201=1--", "Authorization: Bearer {viewer}", 404 },
        { "H36 huge limit", "GET", "/api/v1/fills?limit=99999999999", "Authorization: Bearer {viewer}", 400 },
        { "H37 negative limit", "GET", "/api/v1/fills?limit=-1", "Authorization: Bearer {viewer}", 400 },
        { "H38 text as after", "GET", "/api/v1/fills?after=x", "Authorization: Bearer {viewer}", 400 },
        { "H39 instrument nobody has", "GET", "/api/v1/book?instrument=%0d%0aSet-Cookie:x", "Authorization: Bearer {viewer}", 404 },
        { "H40 another topic through a parameter", "GET", "/api/v1/bars?instrument=x&interval=1s:audit", "Authorization: Bearer {viewer}", 404 },
        { "H41 socket route without an upgrade", "GET", "/ws/v1", "Authorization: Bearer {viewer}", 400 },
        { "H42 command without a key", "POST", "/api/v1/commands/kill", "Authorization: Bearer {trader}|Idempotency-Key:", 400 },
        { "H43 key with a line break", "POST", "/api/v1/commands/kill", "Authorization: Bearer {trader}|Idempotency-Key: a%0a", 400 },
        { "H44 key of 65 letters", "POST", "/api/v1/commands/kill", "Authorization: Bearer {trader}|Idempotency-Key: {65}", 400 },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    [Trait("requirement", "R150")]
    public async Task A_request_that_must_not_pass_does_not(string id, string method, string path, string headers, int expected)
    {
        await using var world = await ControlWorld.StartAsync();
        var text = new StringBuilder($"{method} {Fill(path)} HTTP/1.1\r\n");
        if (!headers.Contains("Host:", StringComparison.Ordinal)) text.Append($"Host: 127.0.0.1:{world.Host.Url.Port}\r\n");
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries)) text.Append(Fill(header)).Append("\r\n");
        if (method == "POST")
        {
            if (path.Contains("/commands/", StringComparison.Ordinal)
                && !headers.Contains("Idempotency-Key", StringComparison.Ordinal)) text.Append("Idempotency-Key: k1\r\n");
            text.Append("Content-Type: application/json\r\nContent-Length: 11\r\n");
        }

        text.Append("Connection: close\r\n\r\n");
        if (method == "POST") text.Append("{\"why\":\"x\"}");
        var answer = await world.RawAsync(text.ToString());
        Assert.True(answer.StartsWith($"HTTP/1.1 {expected} ", StringComparison.Ordinal), $"{id}: {answer.Split('\r')[0]}");
        Assert.DoesNotContain("Set-Cookie", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("sha256", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(world.Commands);
        await world.AssertHealthyAsync();

        string Fill(string template) =>
            template.Replace("{viewer}", world[AccessRole.Viewer], StringComparison.Ordinal)
                .Replace("{VIEWER}", world[AccessRole.Viewer].ToUpperInvariant(),
            StringComparison.Ordinal)
            .Replace("{trader}", world[AccessRole.Trader], StringComparison.Ordinal)
                .Replace("{admin}", world[AccessRole.Admin], StringComparison.Ordinal)
            .Replace("{long}", new string('a', 4_000), StringComparison.Ordinal).Replace("{65}", new string('a', 65), StringComparison.Ordinal);
    }

    /// <summary>Id, bytes as they go out; the server must answer 4xx or close, and serve on.</summary>
    public static TheoryData<string, string> Malformed => new()
    {
        { "M01 no HTTP", "hello\r\n\r\n" },
        { "M02 no host", "GET / HTTP/1.1\r\n\r\n" },
        { "M03 two hosts", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n" },
        { "M04 a request line of 5 KB", "GET /" + new string('a', 5_000) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" },
        { "M05 headers of 17 KB", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + new string('a', 17_000) + "\r\n\r\n" },
        { "M06 65 headers", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + string.Concat(Enumerable.Range(0, 65).Select(i => $"X{i}: 1\r\n")) + "\r\n" },
        { "M07 a header with a bare line feed", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\nY: b\r\0\r\n\r\n" },
        { "M08 length and chunked together",
            "POST /api/v1/commands/kill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "M09 two lengths", "POST /api/v1/commands/kill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc" },
        { "M10 a negative length", "POST /api/v1/commands/kill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n" },
        { "M11 a length beyond every number",
            "POST /api/v1/commands/kill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999999\r\n\r\n" },
        { "M12 a broken chunk", "POST /api/v1/commands/kill HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" },
        { "M13 HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
        { "M14 TLS to a plain port", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003" },
        { "M15 a space before the colon", "GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n" },
        { "M16 an unknown version", "GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n" },
        { "M17 CONNECT as a proxy", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n" },
        { "M18 an absolute foreign URL", "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    [Trait("requirement", "R150")]
    public async Task What_is_not_HTTP_is_refused_and_the_next_one_is_served(string id, string bytes)
    {
        await using var world = await ControlWorld.StartAsync();
        var answer = await world.RawAsync(bytes);
        // An HTTP/2 preface is answered with an HTTP/2 goodbye, which is no success either.
        Assert.False(answer.StartsWith("HTTP/1.1 2", StringComparison.Ordinal)
            || answer.StartsWith("HTTP/1.1 3", StringComparison.Ordinal), $"{id}: {answer.Split('\r')[0]}");
        Assert.Empty(world.Commands);
        await world.AssertHealthyAsync();
    }

    /// <summary>Id, content type, encoding, body, status.</summary>
    public static TheoryData<string, string, string, string, int> Bodies => new()
    {
        { "B01 no JSON", "application/json", "", "kill everything", 400 },
        { "B02 empty", "application/json", "", "", 400 },
        { "B03 an array", "application/json", "", "[{\"why\":\"x\"}]", 400 },
        { "B04 seven levels deep", "application/json", "", "{\"why\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}", 400 },
        { "B05 ten thousand levels deep", "application/json", "", "{\"why\":" + new string('[', 10_000), 400 },
        { "B06 one byte too many", "application/json", "", "{\"why\":\"" + new string('x', JsonBody.BytesMax - 10 + 1) + "\"}", 413 },
        { "B07 a form", "application/x-www-form-urlencoded", "", "why=x", 415 },
        { "B08 plain text", "text/plain", "", "{\"why\":\"x\"}", 415 },
        { "B09 no type", "", "", "{\"why\":\"x\"}", 415 },
        { "B10 gzip named", "application/json", "gzip", "{\"why\":\"x\"}", 415 },
        { "B11 a name twice", "application/json", "", "{\"why\":\"x\",\"why\":\"y\"}", 400 },
        { "B12 bytes that are no text", "application/json", "", "{\"why\":\"\u00ff\u00fe\u0000\"}", 400 },
        { "B13 a trailing second object", "application/json", "", "{\"why\":\"x\"}{\"why\":\"y\"}", 400 },
        { "B14 comments", "application/json", "", "{/*x*/\"why\":\"x\"}", 400 },
        { "B15 NaN", "application/json", "", "{\"why\":NaN}", 400 },
        { "B16 a prototype", "application/json", "", "{\"why\":\"x\",\"__proto__\":{\"role\":\"admin\"}}", 400 },
        { "B17 another role in the body", "application/json", "", "{\"why\":\"x\",\"role\":\"admin\"}", 400 },
        { "B18 a line break in why", "application/json", "", "{\"why\":\"x\\n2026-11-21 ERROR all is lost\"}", 400 },
        { "B19 an escape sequence in why", "application/json", "", "{\"why\":\"\\u001b[2J\"}", 400 },
        { "B20 why of spaces", "application/json", "", "{\"why\":\"   \"}", 400 },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    [Trait("requirement", "R150")]
    public async Task A_body_out_of_its_bounds_is_refused(string id, string type, string encoding, string body, int expected)
    {
        await using var world = await ControlWorld.StartAsync();
        var request = world.Request("POST", "/api/v1/commands/kill", world[AccessRole.Trader]);
        request.Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        if (type.Length > 0) request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding.Length > 0) request.Content.Headers.ContentEncoding.Add(encoding);
        var (status, _) = await world.SendAsync(request);
        Assert.True(status == expected, $"{id}: {status}");
        Assert.Empty(world.Commands);
        await world.AssertHealthyAsync();
    }

    [Fact]
    public async Task B21_a_compression_bomb_is_not_unpacked()
    {
        await using var world = await ControlWorld.StartAsync();
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(new byte[8 << 20]);
        var request = world.Request("POST", "/api/v1/commands/kill", world[AccessRole.Trader]);
        request.Content = new ByteArrayContent(packed.ToArray().AsSpan(0, 8_000).ToArray());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(415, (await world.SendAsync(request)).Status);
        Assert.Empty(world.Commands);
    }

    [Fact]
    public async Task B22_a_body_of_exactly_the_size_allowed_is_read()
    {
        await using var world = await ControlWorld.StartAsync();
        var frame = "{\"why\":\"x\",\"venue\":\"\"}";
        var body = frame.Insert(frame.Length - 2, new string('v', JsonBody.BytesMax - frame.Length));
        // Read, and refused for what it says: the venue's name is too long for a word.
        Assert.Equal(400, (await world.SendAsync("POST", "/api/v1/commands/kill", AccessRole.Trader, body)).Status);
        Assert.Equal(413, (await world.SendAsync("POST", "/api/v1/commands/kill", AccessRole.Trader, body.Insert(body.Length - 2, "v"))).Status);
    }

    [Fact(Timeout = 120_000)]
    public async Task S01_headers_that_drip_are_cut_off_by_the_servers_own_clock()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), new ControlHostOptions { Data = "" }.HeadersWithin);
        await using var world = await ControlWorld.StartAsync(headersWithinSeconds: 0.1);
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync("127.0.0.1", world.Host.Url.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync("GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Drip: "u8.ToArray(), TestContext.Current.CancellationToken);
        // Never finished, and read to its end, which only the server makes: a server that waits on fails this test by its limit.
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        await world.AssertHealthyAsync();
    }

    [Fact]
    public async Task S02_more_connections_than_allowed_are_closed_and_make_room_when_they_leave()
    {
        await using var world = await ControlWorld.StartAsync(connectionsMax: 20);
        var open = new List<System.Net.Sockets.TcpClient>();
        for (var i = 0; i < 60; i++)
        {
            var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync("127.0.0.1", world.Host.Url.Port, TestContext.Current.CancellationToken);
            open.Add(client);
        }

        foreach (var client in open) client.Dispose();
        for (var i = 0; i < 5_000; i++)
        {
            try
            {
                if ((await world.SendAsync("GET", "/api/v1/me", AccessRole.Viewer)).Status == 200) return;
            }
            catch (HttpRequestException)
            {
                // Closed for want of room: the server has yet to notice that the others left.
            }
        }

        Assert.Fail("there is no room although everybody left");
    }

    [Fact]
    public async Task S03_guessing_tokens_is_slowed_and_the_owner_is_not()
    {
        await using var world = await ControlWorld.StartAsync();
        var statuses = new List<int>();
        for (var i = 0; i < 120; i++) statuses.Add((await world.SendAsync(world.Request("GET", "/api/v1/me", $"pst_{i:D43}"))).Status);
        Assert.Contains(429, statuses);
        Assert.DoesNotContain(200, statuses);
        await world.AssertHealthyAsync();
    }

    [Fact]
    public async Task S04_one_principal_cannot_ask_more_than_its_share()
    {
        await using var world = await ControlWorld.StartAsync();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => world.SendAsync("GET", "/api/v1/me", AccessRole.Viewer)));
        Assert.Contains(statuses, s => s.Status == 429);
        Assert.Equal(200, (await world.SendAsync("GET", "/api/v1/me", AccessRole.Admin)).Status);
    }

    [Fact]
    public async Task S05_every_answer_carries_the_headers_that_harden_a_browser()
    {
        await using var world = await ControlWorld.StartAsync();
        using var response = await world.Http.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.StartsWith("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task S06_beyond_loopback_plain_text_is_refused_at_the_start()
    {
        var options = new ControlHostOptions { Data = Path.GetTempPath(), Port = 0, Address = System.Net.IPAddress.Any };
        var problem = await Assert.ThrowsAsync<Penstock.Infrastructure.Problems.Problem>(() =>
            ControlHost.StartAsync(options, TestContext.Current.CancellationToken));
        Assert.Equal(Penstock.Infrastructure.Problems.ExitCode.Configuration, problem.Code);
    }

    [Fact]
    public async Task S07_secrets_in_a_configuration_are_not_shown()
    {
        await using var world = await ControlWorld.StartAsync();
        const string careless = """{"name":"x","venues":[{"name":"okx","apiKey":"SECRET1","secret":"SECRET2","passphrase":"SECRET3"}]}""";
        await File.WriteAllTextAsync(Path.Combine(world.Folder, "node.json"), careless,
            TestContext.Current.CancellationToken);
        var (status, body) = await world.SendAsync("GET", "/api/v1/config", AccessRole.Viewer);
        Assert.Equal(200, status);
        Assert.DoesNotContain("SECRET", body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S08_faults_never_leave_a_simulation()
    {
        await using var world = await ControlWorld.StartAsync();
        foreach (var configuration in new[]
        {
            """{"environment":"live","venues":[{"name":"okx","rest":"http://127.0.0.1:1/"}]}""",
            """{"environment":"sim","venues":[{"name":"okx","rest":"http://exchange.example/"}]}""",
            """{"environment":"sim","venues":[{"name":"okx","rest":"file:///etc/passwd"}]}""",
        })
        {
            await File.WriteAllTextAsync(Path.Combine(world.Folder, "node.json"), configuration, TestContext.Current.CancellationToken);
            const string fault = """{"venue":"okx","kind":"Silence","on":true,"why":"w"}""";
            Assert.Equal(422, (await world.SendAsync("POST", "/api/v1/commands/fault", AccessRole.Admin, fault)).Status);
        }
    }
}
