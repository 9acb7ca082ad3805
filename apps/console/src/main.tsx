import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { App } from './app';
import { applyTheme, followSystem } from './charts/theme';
import { Session, type Role } from './session';
import { Api, saying } from './wire/api';
import './style.css';

/** The token lives as long as the tab, in no cookie and in no address. */
const key = 'penstock-token';

function Login({ problem, onToken }: { problem: string; onToken(token: string): void }) {
    const [token, setToken] = useState('');
    return (
        <main class="login">
            <h1>Penstock</h1>
            <form
                onSubmit={(e) => {
                    e.preventDefault();
                    if (token.trim() !== '') onToken(token.trim());
                }}
            >
                <label>
                    Token{' '}
                    <input name="token" type="password" value={token} onInput={(e) => setToken(e.currentTarget.value)} autocomplete="off" autofocus />
                </label>
                <p class="muted">The first one was printed when the gateway first started. More: penstock token add NAME --role viewer</p>
                {problem !== '' && (
                    <p class="said failed" role="alert">
                        ✖ {problem}
                    </p>
                )}
                <button type="submit">Enter</button>
            </form>
        </main>
    );
}

function roleOf(role: string): Role {
    return role === 'admin' || role === 'trader' ? role : 'viewer';
}

function Root() {
    const [token, setToken] = useState(() => sessionStorage.getItem(key));
    const [session, setSession] = useState<Session | null>(null);
    const [problem, setProblem] = useState('');
    useEffect(() => {
        if (token === null) return;
        let here = true;
        let made: Session | null = null;
        new Api(token).me().then(
            (me) => {
                if (!here) return;
                sessionStorage.setItem(key, token);
                made = new Session(token, me.name, roleOf(me.role));
                setSession(made);
            },
            (error: unknown) => {
                if (!here) return;
                sessionStorage.removeItem(key);
                setProblem(saying(error));
                setToken(null);
            },
        );
        return () => {
            here = false;
            made?.close();
            setSession(null);
        };
    }, [token]);

    const leave = () => {
        sessionStorage.removeItem(key);
        setProblem('');
        setToken(null);
    };
    if (session) return <App session={session} onLeave={leave} />;
    return token === null ? (
        <Login
            problem={problem}
            onToken={(t) => {
                setProblem('');
                setToken(t);
            }}
        />
    ) : (
        <main class="login">
            <p>Asking the gateway …</p>
        </main>
    );
}

applyTheme();
followSystem();
const host = document.getElementById('app');
if (host) render(<Root />, host);
